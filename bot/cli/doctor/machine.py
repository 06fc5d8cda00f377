"""The machine as the doctor looks at it: files, memory, disks, the clock, systemd. A test hands in another."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bot.charts.fonts import missing_fonts

RELEASE: Final = Path(__file__).parents[3]
"""The folder that this code was unpacked, or checked out, into."""
_SYSTEMCTL_SECONDS: Final = 5.0

Systemctl = Callable[..., Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Space:
    free_bytes: int
    total_bytes: int


async def ask_systemctl(*words: str) -> str | None:
    """Its first line; None where there is no systemd."""
    program = await asyncio.to_thread(shutil.which, "systemctl")
    if program is None or not await asyncio.to_thread(Path("/run/systemd/system").is_dir):
        return None
    process = await asyncio.create_subprocess_exec(
        program, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_SYSTEMCTL_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    return (said.decode().splitlines() or [""])[0].strip()


def is_closed(folder: Path) -> bool:
    """Whether *folder* is there, and we may not look into it: root may."""
    try:
        folder.stat()
    except PermissionError:  # a folder above it is closed
        return True
    except OSError:
        return False
    return not os.access(folder, os.R_OK | os.X_OK)


def space_of(folder: Path) -> Space:
    """Of the disk that *folder* is, or will be, on."""
    while is_closed(folder) or not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return Space(usage.free, usage.total)


def read_memory() -> Mapping[str, int]:
    """/proc/meminfo, in bytes; empty where there is none."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return {}
    words = [line.replace(":", " ").split() for line in lines]
    return {word[0]: int(word[1]) * 1024 for word in words if len(word) > 2}


def has_module(name: str) -> bool:
    """Whether a package of ours or of others' is installed: of an extra that may not be."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # nor is what it lies in
        return False


@dataclass(frozen=True, slots=True)
class Machine:
    """All but `systemctl` block: call them in a thread."""

    env_file: Path = Path(".env")
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    release: Path = RELEASE
    unit_folders: tuple[Path, ...] = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"))
    secrets_folders: tuple[Path, ...] = (Path("/etc/slack-bot/secrets"), Path("/run/slack-bot-secrets"))
    service_state: Path = Path("/var/lib/slack-bot")
    service_cache: Path = Path("/var/cache/slack-bot")
    backups: Path = Path("/var/lib/slack-bot-backups")
    missing_fonts: Callable[[], list[str]] = missing_fonts
    has_module: Callable[[str], bool] = has_module
    is_closed: Callable[[Path], bool] = is_closed
    space_of: Callable[[Path], Space] = space_of
    memory: Callable[[], Mapping[str, int]] = read_memory
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    systemctl: Systemctl = ask_systemctl
