"""Slack as far as files need it; remembers what was uploaded, shared and shown."""

import asyncio
from typing import BinaryIO

from agent.notice import Notice
from bot.result_files.delivery import Delivery, FileKey, Spot


class FakeFileDesk:
    def __init__(self) -> None:
        self.uploads: list[tuple[str, str]] = []
        """Name and content, in order; the file's id is its place in here."""
        self.shared: list[tuple[str, str, tuple[Notice, ...]]] = []
        """Channel, file id, what was said."""
        self.notes: dict[str, list[Notice]] = {}
        """What stands, by ts: every state of it."""
        self.share_fails: Exception | None = None
        """The next share works, and its answer gets lost."""
        self.share_refused: Exception | None = None

    async def upload(self, name: str, file: BinaryIO, size: int) -> str:
        content = await asyncio.to_thread(file.read)
        assert len(content) == size
        self.uploads.append((name, content.decode("utf-8-sig") if name.endswith(".csv") else ""))
        return f"F{len(self.uploads)}"

    async def share(self, spot: Spot, file_id: str, title: str, comment: tuple[Notice, ...]) -> None:
        if self.share_refused is not None:
            raise self.share_refused
        self.shared.append((spot.channel, file_id, comment))
        if self.share_fails is not None:
            error, self.share_fails = self.share_fails, None
            raise error

    async def is_shared(self, spot: Spot, file_id: str, since: float) -> bool:
        return any((channel, shared) == (spot.channel, file_id) for channel, shared, _ in self.shared)

    async def open_note(self, spot: Spot, notice: Notice, file_lane: str) -> str:
        ts = f"note-{len(self.notes) + 1}"
        self.notes[ts] = [notice]
        return ts

    async def change_note(self, spot: Spot, ts: str, notice: Notice, file_lane: str) -> None:
        self.notes[ts].append(notice)

    async def close_note(self, spot: Spot, ts: str) -> None:
        del self.notes[ts]


class FakeDeliveries:
    def __init__(self) -> None:
        self.rows: dict[FileKey, Delivery] = {}

    async def find(self, key: FileKey) -> Delivery | None:
        return self.rows.get(key)

    async def keep(self, key: FileKey, delivery: Delivery) -> None:
        self.rows[key] = delivery
