"""A pressed button gives its file once, where the answer stands, to who may have it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agent.errors import AccessDenied, WarehouseUnavailable
from agent.notice import Notice
from agent.results import StoredResult
from agent.turn import Action, Answer, Bill, Language, Member, Route, Table
from bot.inbox.attempt import StoppedByPerson
from bot.inbox.items import ResultFileRequested, file_lane
from bot.replies import Reply, encode_answer
from bot.result_files.access import FileAccess
from bot.result_files.progress import LONG_ROWS, Progress
from bot.result_files.service import FileLimits, ResultFileService, file_name
from tests.fakes.file_desk import FakeDeliveries, FakeFileDesk
from tests.fakes.replies import FakeReplies
from tests.fakes.results import FakeResults
from tests.fakes.rooms import FakeRooms
from tests.fakes.warehouse import FakeWarehouse, Statement, table_of

TURN = "message:T1:C1:1.0"
COLUMNS = [("n", "INT64"), ("name", "STRING")]


class FakeWhispers:
    def __init__(self) -> None:
        self.said: list[str] = []

    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        self.said.append(notice.code)


@asynccontextmanager
async def unstopped() -> AsyncGenerator[None]:
    yield


@asynccontextmanager
async def stopped() -> AsyncGenerator[None]:
    raise StoppedByPerson
    yield


@dataclass
class Bench:
    folder: Path
    replies: FakeReplies = field(default_factory=FakeReplies)
    results: FakeResults = field(default_factory=FakeResults)
    rooms: FakeRooms = field(default_factory=lambda: FakeRooms({"C1": (Member("U2"),)}))
    warehouse: FakeWarehouse = field(default_factory=FakeWarehouse)
    desk: FakeFileDesk = field(default_factory=FakeFileDesk)
    deliveries: FakeDeliveries = field(default_factory=FakeDeliveries)
    whispers: FakeWhispers = field(default_factory=FakeWhispers)
    most_bytes: int = 1 << 20

    @property
    def service(self) -> ResultFileService:
        access = FileAccess(replies=self.replies, results=self.results, rooms=self.rooms)
        return ResultFileService(
            access=access,
            deliveries=self.deliveries,
            warehouse=self.warehouse,
            desk=self.desk,
            whispers=self.whispers,
            limits=FileLimits(self.folder, self.most_bytes),
        )

    async def answered(self, rows: int = 3, kept: int | None = None, **more: object) -> None:
        """An answer stands in C1; BigQuery's job-1 has *rows* rows, *kept* of them are stored."""
        table = table_of(COLUMNS, *((n, f"name {n}") for n in range(rows)))
        self.warehouse.knows("SELECT 1", Statement(table))
        self.warehouse._insert_or_attach(_job())
        shown = Table(table.columns, table.rows[: rows if kept is None else kept], rows)
        result = StoredResult(
            turn_id=TURN,
            conversation="T1:C1:1.0",
            sql="SELECT 1",
            fingerprint="f",
            table=shown,
            bill=Bill(),
            tables_read=(),
            job_id="job-1",
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
        result_id = await self.results.keep(replace(result, **more))  # type: ignore[arg-type]
        answer = Answer(
            TURN, "en", Route(Action.SQL_GENERATE, 1, ""), text="Orders / day", table=shown, result_id=result_id
        )
        self.replies.rows[TURN] = Reply(TURN, "T1:C1:1.0", "C1", "1.0", ts="2.0", answer=encode_answer(answer))

    async def press(self, item: ResultFileRequested, *, stop: bool = False) -> None:
        await self.service.run(item, stoppable=stopped if stop else unstopped)
        assert not self.folder.exists() or list(self.folder.iterdir()) == []

    @property
    def said(self) -> list[str]:
        """What stands beside the files."""
        return [notice.code for _, _, comment in self.desk.shared for notice in comment]


def _job() -> object:
    from agent.bigquery.warehouse import Job

    return Job("job-1", "SELECT 1", maximum_bytes_billed=1 << 30, timeout_seconds=1)


def pressed(key: str = "click:1", **more: object) -> ResultFileRequested:
    item = ResultFileRequested(
        dedupe_key=key,
        conversation=file_lane(TURN, "csv"),
        spoken_at=Decimal(1),
        turn_id=TURN,
        format="csv",
        channel="C1",
        thread_ts="1.0",
        user="U2",
    )
    return item.model_copy(update=more)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "files")


async def test_a_press_shares_the_whole_result_below_its_answer(bench: Bench) -> None:
    await bench.answered(rows=30, kept=2)
    await bench.press(pressed())
    ((name, content),) = bench.desk.uploads
    assert (name, len(content.splitlines())) == ("Orders_day-job-1.csv", 31)
    assert bench.desk.shared == [("C1", "F1", (Notice("file.rows", {"count": 30}),))]
    assert (bench.whispers.said, bench.desk.notes) == ([], {})
    assert list(bench.warehouse.jobs) == ["job-1"]


async def test_the_same_press_again_uploads_nothing(bench: Bench) -> None:
    await bench.answered()
    await bench.press(pressed())
    await bench.press(pressed())
    assert (len(bench.desk.uploads), len(bench.desk.shared), bench.whispers.said) == (1, 1, [])


async def test_a_second_press_is_told_that_the_file_is_there(bench: Bench) -> None:
    await bench.answered()
    await bench.press(pressed())
    await bench.press(pressed("click:2"))
    assert (len(bench.desk.uploads), bench.whispers.said) == (1, ["file.already_there"])
    await bench.press(pressed("click:3", format="xlsx"))
    assert len(bench.desk.shared) == 2


async def test_a_share_whose_answer_was_lost_is_not_made_again(bench: Bench) -> None:
    await bench.answered()
    bench.desk.share_fails = ConnectionError("lost")
    with pytest.raises(ConnectionError):
        await bench.press(pressed())
    await bench.press(pressed())
    assert (len(bench.desk.uploads), len(bench.desk.shared)) == (1, 1)


async def test_a_file_that_was_deleted_is_made_anew(bench: Bench) -> None:
    await bench.answered()
    await bench.press(pressed())
    bench.desk.shared.clear()
    await bench.press(pressed("click:2"))
    assert (len(bench.desk.uploads), len(bench.desk.shared), bench.whispers.said) == (2, 1, [])


@pytest.mark.parametrize(
    "item",
    [pressed(channel="C2"), pressed(turn_id="message:T1:C1:9.9"), pressed(user="U9")],
    ids=["place", "turn", "who"],
)
async def test_nobody_gets_a_file_of_what_they_were_not_shown(bench: Bench, item: ResultFileRequested) -> None:
    await bench.answered()
    await bench.press(item)
    assert (bench.desk.uploads, bench.whispers.said) == ([], ["file.missing"])


async def test_an_expired_result_has_no_file(bench: Bench) -> None:
    await bench.answered(expires_at=datetime.now(UTC))
    await bench.press(pressed())
    assert bench.whispers.said == ["file.missing"]


async def test_the_file_masks_what_the_answer_masked(bench: Bench) -> None:
    await bench.answered(rows=30, kept=2, masked_columns=("name",))
    await bench.press(pressed())
    assert "name 1" not in bench.desk.uploads[0][1]


async def test_what_bigquery_no_longer_has_is_given_as_far_as_it_is_kept_and_said(bench: Bench) -> None:
    await bench.answered(rows=30, kept=2)
    bench.warehouse.gone = {"job-1"}
    await bench.press(pressed())
    assert len(bench.desk.uploads[0][1].splitlines()) == 3
    assert bench.desk.shared[0][2] == (Notice("file.partly_gone", {"rows": 2, "total": 30}),)


async def test_what_is_larger_than_a_file_may_be_is_cut_and_said(bench: Bench) -> None:
    bench.most_bytes = 100
    await bench.answered(rows=30)
    await bench.press(pressed())
    assert len(bench.desk.uploads[0][1].encode()) <= 100
    assert bench.said == ["file.cut_at_bytes"]


async def test_stop_makes_no_file(bench: Bench) -> None:
    await bench.answered()
    await bench.press(pressed(), stop=True)
    assert (bench.desk.uploads, bench.whispers.said) == ([], ["file.stopped"])


@pytest.mark.parametrize(("error", "said"), [(AccessDenied(), ["error.access_denied"]), (WarehouseUnavailable(), [])])
async def test_a_fault_is_said_or_tried_again(bench: Bench, error: Exception, said: list[str]) -> None:
    await bench.answered(rows=30, kept=2)
    bench.warehouse.pages = _failing(error)  # type: ignore[method-assign]
    if said:
        await bench.press(pressed())
    else:
        with pytest.raises(type(error)):
            await bench.press(pressed())
    assert (bench.desk.uploads, bench.whispers.said) == ([], said)


async def test_a_long_file_shows_how_far_it_is_and_takes_that_away_again(bench: Bench) -> None:
    rows = LONG_ROWS + 1
    await bench.answered(rows=rows, kept=0)
    seen: list[Notice] = []
    bench.desk.close_note = _remembering(bench.desk, seen)  # type: ignore[method-assign]
    await bench.press(pressed())
    assert seen[0] == Notice("file.writing", {"rows": 5000, "total": rows})
    assert bench.desk.notes == {}


async def test_the_note_of_an_attempt_that_died_is_gone_on_with(bench: Bench) -> None:
    await bench.answered(rows=LONG_ROWS, kept=0)
    bench.desk.share_refused = ConnectionError("down")
    with pytest.raises(ConnectionError):
        await bench.press(pressed())
    assert list(bench.desk.notes) == ["note-1"]
    bench.desk.share_refused = None
    await bench.press(pressed())
    assert (bench.desk.notes, len(bench.desk.shared)) == ({}, 1)
    (row,) = bench.deliveries.rows.values()
    assert (row.note_ts, row.file_id) == (None, "F2")


async def test_a_file_given_up_is_said_and_its_note_taken_away(bench: Bench) -> None:
    await bench.answered(rows=LONG_ROWS, kept=0)
    bench.desk.share_refused = ConnectionError("down")
    with pytest.raises(ConnectionError):
        await bench.press(pressed())
    await bench.service.give_up(pressed())
    assert (bench.desk.notes, bench.whispers.said) == ({}, ["file.failed"])


async def test_progress_is_shown_no_faster_than_slack_takes_it() -> None:
    now = [0.0]
    desk, kept = FakeFileDesk(), []

    async def keep_note(ts: str | None) -> None:
        kept.append(ts)

    from bot.result_files.delivery import Spot

    spot = Spot("C1", None, "en")
    progress = Progress(desk, spot, lane="control:file:1", note_ts=None, keep_note=keep_note, clock=lambda: now[0])
    for second in range(7):
        now[0] = float(second)
        await progress.show(second, LONG_ROWS)
    assert [notice.params["rows"] for notice in desk.notes["note-1"]] == [0, 3, 6]
    await progress.close()
    assert (desk.notes, kept) == ({}, ["note-1", None])


@pytest.mark.parametrize(
    ("title", "name"),
    [("매출 (월별)", "매출_월별-aaaa.csv"), ("", "result-aaaa.csv"), ("../../etc/passwd", "etc_passwd-aaaa.csv")],
)
def test_a_file_is_named_for_its_result(title: str, name: str) -> None:
    assert file_name(title, "aaaa", "csv") == name


def _failing(error: Exception):
    async def pages(job_id: str, *, page_rows: int):
        raise error
        yield

    return pages


def _remembering(desk: FakeFileDesk, seen: list[Notice]):
    async def close_note(spot: object, ts: str) -> None:
        seen.extend(desk.notes.pop(ts))

    return close_note
