"""What is installed on this VM, and what of it runs. Most of it anybody may look at, without being root."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.version import Version, version_at

ROOT: Final = Path("/opt/slack-bot")
PROC: Final = Path("/proc")
UNITS: Final = {"slack-bot.service": "current", "slack-bot@blue.service": "blue", "slack-bot@green.service": "green"}
"""And the link that each is started by."""
_SHOWN: Final = "Id,LoadState,ActiveState,SubState,MainPID,ExecMainStartTimestamp"

Systemctl = Callable[[], str]


@dataclass(frozen=True, slots=True)
class RunningUnit:
    name: str
    state: str
    """`active (running)`."""
    pid: int | None
    since: datetime | None
    release: str | None
    """The folder's name of the release whose code its process has loaded; None where that cannot be seen."""
    is_outdated: bool
    """Its link leads elsewhere by now: a restart would run something else."""


@dataclass(frozen=True, slots=True)
class Deployment:
    links: dict[str, Version]
    """`current`, `previous`, `blue`, `green`: those that are there."""
    units: list[RunningUnit]


def deployment(root: Path = ROOT, proc: Path = PROC, systemctl: Systemctl | None = None) -> Deployment:
    """Blocking. *systemctl* gives what `systemctl show` says of the units; "" where there is no systemd."""
    links = {name: version_at(root / name) for name in ("current", "previous", "blue", "green") if _leads(root / name)}
    return Deployment(links, [_unit(shown, root, proc) for shown in _blocks((systemctl or _ask_systemd)())])


def _leads(link: Path) -> bool:
    return link.is_symlink() and link.exists()


def _ask_systemd() -> str:
    words = ["systemctl", "show", f"--property={_SHOWN}", "--timestamp=unix", *UNITS]
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _blocks(shown: str) -> list[dict[str, str]]:
    """Units that are known here and do, or did, something."""
    blocks = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in shown.split("\n\n")]
    return [
        block
        for block in blocks
        if block.get("Id") in UNITS and block.get("LoadState") == "loaded" and block.get("ActiveState") != "inactive"
    ]


def _unit(shown: dict[str, str], root: Path, proc: Path) -> RunningUnit:
    pid = int(shown.get("MainPID") or 0) or None
    started = shown.get("ExecMainStartTimestamp", "").removeprefix("@")
    since = datetime.fromtimestamp(int(started), UTC) if pid and started.isdigit() else None
    release = _loaded_release(proc / str(pid), root) if pid else None
    return RunningUnit(
        name=shown["Id"].removesuffix(".service"),
        state=f"{shown.get('ActiveState')} ({shown.get('SubState')})",
        pid=pid,
        since=since,
        release=release,
        is_outdated=pid is not None and _is_outdated(root / UNITS[shown["Id"]], release, since),
    )


def _loaded_release(process: Path, root: Path) -> str | None:
    """By the folder that it works in, else by the libraries that it has mapped: paths with no link in them.

    Root sees these, and the process' own user.
    """
    try:
        told = [str((process / "cwd").readlink()), (process / "maps").read_text(encoding="utf-8", errors="replace")]
    except OSError:
        return None
    found = re.search(rf"{re.escape(str(root / 'releases'))}/([^/\s]+)", "\n".join(told))
    return found[1] if found else None


def _is_outdated(link: Path, release: str | None, since: datetime | None) -> bool:
    if not _leads(link):
        return False
    if release is not None:
        return link.resolve().name != release
    return since is not None and link.lstat().st_mtime > since.timestamp()
