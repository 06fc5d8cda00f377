"""A pressed CSV or Excel button: the whole result as a file, below the answer that shows its first rows."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from agent.errors import AgentError
from agent.notice import Notice
from bot.inbox.attempt import StoppedByPerson
from bot.inbox.items import ResultFileRequested
from bot.result_files.access import FileAccess, Granted
from bot.result_files.delivery import Deliveries, Delivery, FileDesk, FileKey, Spot
from bot.result_files.progress import Progress
from bot.result_files.rows import Pages
from bot.result_files.sheet import Format, Written
from bot.result_files.writing import written_file
from bot.surface import Whispers

log = structlog.get_logger(__name__)

Stoppable = Callable[[], AbstractAsyncContextManager[None]]
"""`async with stoppable():` a person's Stop cancels what runs inside and leaves the block as StoppedByPerson."""

_LONGEST_NAME: Final = 60
_NOT_IN_NAMES: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class FileLimits:
    folder: Path
    """Where a file lies while it is written and uploaded."""
    most_bytes: int
    """Of one file; an Excel workbook is counted before it is compressed."""


class ResultFileService:
    def __init__(
        self,
        *,
        access: FileAccess,
        deliveries: Deliveries,
        warehouse: Pages,
        desk: FileDesk,
        whispers: Whispers,
        limits: FileLimits,
    ) -> None:
        self._access = access
        self._deliveries = deliveries
        self._warehouse = warehouse
        self._desk = desk
        self._whispers = whispers
        self._limits = limits

    async def run(self, item: ResultFileRequested, *, stoppable: Stoppable) -> None:
        """Deliver the file, or say why there is none. Transient errors escape, to be tried again."""
        granted = await self._access.grant(item)
        if granted is None:
            await self._whisper(item, Notice("file.missing"))
            return
        spot, key = _spot_of(item), _key_of(item, granted)
        known = await self._deliveries.find(key)
        progress = self._progress(item, spot, key, known)
        if known is not None and await self._is_there(spot, known):
            await progress.close()
            if known.asked_by != item.dedupe_key:  # the same item again has nothing to say
                await self._whisper(item, Notice("file.already_there"))
            return
        try:
            async with stoppable():
                file_id, name, comment = await self._make(granted, item.format, progress)
        except StoppedByPerson:
            await progress.close()
            await self._whisper(item, Notice("file.stopped"))
            return
        except AgentError as error:
            if error.is_transient:
                raise
            await progress.close()
            await self._whisper(item, error.notice)
            return
        # Kept before it is shared: after a crash in between, Slack is asked whether this very file is in its place.
        await self._deliveries.keep(key, Delivery(item.dedupe_key, progress.note_ts, file_id))
        await self._desk.share(spot, file_id, name, comment)
        await progress.close()

    async def give_up(self, item: ResultFileRequested) -> None:
        """Nobody will try again."""
        granted = await self._access.grant(item)
        if granted is not None:
            key = _key_of(item, granted)
            await self._progress(item, _spot_of(item), key, await self._deliveries.find(key)).close()
        await self._whisper(item, Notice("file.failed"))

    async def _make(self, granted: Granted, kind: Format, progress: Progress) -> tuple[str, str, tuple[Notice, ...]]:
        """The uploaded file's id, its name and what is to be said of it."""
        name = file_name(granted.title, granted.result.job_id, kind)
        writing = written_file(
            granted.result,
            self._warehouse,
            kind,
            folder=self._limits.folder,
            most_bytes=self._limits.most_bytes,
            on_rows=progress.show,
        )
        async with writing as written:
            file_id = await self._desk.upload(name, written.file, written.size)
            log.info(
                "result_file.uploaded",
                turn=granted.result.turn_id,
                format=kind,
                rows=written.rows,
                total_rows=written.total_rows,
                bytes=written.size,
            )
            return file_id, name, notices_of(written, self._limits.most_bytes)

    def _progress(self, item: ResultFileRequested, spot: Spot, key: FileKey, known: Delivery | None) -> Progress:
        async def keep_note(ts: str | None) -> None:
            now = await self._deliveries.find(key)
            await self._deliveries.keep(key, Delivery(item.dedupe_key, ts, now.file_id if now else None))

        note_ts = known.note_ts if known else None
        return Progress(self._desk, spot, lane=item.conversation, note_ts=note_ts, keep_note=keep_note)

    async def _is_there(self, spot: Spot, known: Delivery) -> bool:
        return known.file_id is not None and await self._desk.is_shared(spot, known.file_id, known.kept_at)

    async def _whisper(self, item: ResultFileRequested, notice: Notice) -> None:
        await self._whispers.whisper(item.channel, item.user, notice, item.language, thread_ts=item.thread_ts)


def _spot_of(item: ResultFileRequested) -> Spot:
    return Spot(item.channel, item.thread_ts, item.language)


def _key_of(item: ResultFileRequested, granted: Granted) -> FileKey:
    return FileKey(granted.result_id, item.format, item.channel, item.thread_ts or "")


def file_name(title: str, job_id: str, kind: Format) -> str:
    """`Revenue_by_month-1a2b3c4d.csv`: a name that every file system takes, and another one for another result."""
    words = _NOT_IN_NAMES.sub("_", title).strip("._")[:_LONGEST_NAME] or "result"
    return f"{words}-{job_id[-8:]}.{kind}"


def notices_of(written: Written, most_bytes: int) -> tuple[Notice, ...]:
    """What a file holds, and what it does not."""
    counts = {"rows": written.rows, "total": written.total_rows}
    notices = [Notice("file.rows", {"count": written.rows})]
    if written.limit == "bytes":
        notices = [Notice("file.cut_at_bytes", {**counts, "limit": most_bytes})]
    elif written.limit == "rows":
        notices = [Notice("file.cut_at_rows", counts)]
    elif written.rows < written.total_rows:
        notices = [Notice("file.partly_gone", counts)]
    if written.has_cut_cells:
        notices.append(Notice("file.cells_cut"))
    return tuple(notices)
