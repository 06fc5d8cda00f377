"""What is remembered of a file on its way into Slack, and what Slack is asked for."""

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from agent.notice import Notice
from agent.turn import Language
from bot.result_files.sheet import Format


@dataclass(frozen=True, slots=True)
class FileKey:
    """One result, in one format, in one place: that is one file, however often it is asked for."""

    result_id: str
    kind: Format
    channel: str
    thread_ts: str = ""
    """Empty at the top level of a direct message."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a file has come."""

    asked_by: str
    """Dedupe key of the item that had it made."""
    note_ts: str | None = None
    """The message that shows its progress, as long as that stands."""
    file_id: str | None = None
    """Slack's, once it is uploaded; whether it is in its place, Slack knows."""
    kept_at: float = 0.0
    """Unix seconds of the last change; the file cannot have been shared before."""


class Deliveries(Protocol):
    async def find(self, key: FileKey) -> Delivery | None: ...

    async def keep(self, key: FileKey, delivery: Delivery) -> None:
        """The last call wins; committed when this returns. `kept_at` is the store's own clock."""
        ...


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a file goes, and in whose language it is announced."""

    channel: str
    thread_ts: str | None
    language: Language


class FileDesk(Protocol):
    """Slack, as far as files need it. What it refuses for good escapes as Slack's own error."""

    async def upload(self, name: str, file: BinaryIO, size: int) -> str:
        """Send *size* bytes from where *file* stands; the file's id. Nobody sees it before it is shared."""
        ...

    async def share(self, spot: Spot, file_id: str, title: str, comment: tuple[Notice, ...]) -> None: ...

    async def is_shared(self, spot: Spot, file_id: str, since: float) -> bool:
        """Whether the file is in its place: a share whose answer got lost may have worked. *since*: unix seconds."""
        ...

    async def open_note(self, spot: Spot, notice: Notice, file_lane: str) -> str:
        """Post the progress with a button that stops what runs in *file_lane*; its ts."""
        ...

    async def change_note(self, spot: Spot, ts: str, notice: Notice, file_lane: str) -> None:
        """Best effort: the next one overtakes it."""
        ...

    async def close_note(self, spot: Spot, ts: str) -> None:
        """Take it away. Best effort, never raises."""
        ...
