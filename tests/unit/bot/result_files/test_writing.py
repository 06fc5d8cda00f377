"""A file is written a page at a time, from what is kept or from BigQuery, and leaves nothing behind."""

import asyncio
import os
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.bigquery.warehouse import Page
from agent.errors import ResultGone, WarehouseUnavailable
from agent.results import StoredResult
from agent.turn import Bill, Column, Table
from bot.result_files.writing import written_file

COLUMNS = (Column("n", "INT64"), Column("name", "STRING"))
KEPT = tuple((number, f"name {number}") for number in range(3))
RESULT = StoredResult(
    turn_id="t1",
    conversation="T1:C1",
    sql="SELECT 1",
    fingerprint="f",
    table=Table(COLUMNS, KEPT, 3),
    bill=Bill(),
    tables_read=(),
    job_id="job-1",
    expires_at=datetime.now(UTC) + timedelta(days=1),
)
LONG = replace(RESULT, table=Table(COLUMNS, KEPT, 50))


class CountedPage(Page):
    """Counts how many of its kind are alive."""

    alive = 0
    most = 0

    def __init__(self, first: int, rows: int) -> None:
        super().__init__(COLUMNS, tuple((n, f"name {n}") for n in range(first, first + rows)), first, 50)
        CountedPage.alive += 1
        CountedPage.most = max(CountedPage.most, CountedPage.alive)

    def __del__(self) -> None:
        CountedPage.alive -= 1


class FakePages:
    """Fifty rows, ten to a page; fails before row `fails_at`."""

    def __init__(self, error: Exception | None = None, fails_at: int = 0) -> None:
        self.error = error
        self.fails_at = fails_at
        self.asked: list[str] = []
        self.is_closed = False

    async def pages(self, job_id: str, *, page_rows: int) -> AsyncGenerator[Page]:
        self.asked.append(job_id)
        try:
            for first in range(0, 50, 10):
                if self.error is not None and first >= self.fails_at:
                    raise self.error
                yield CountedPage(first, 10)
        finally:
            self.is_closed = True


async def nothing(rows: int, total: int) -> None: ...


async def lines(result: StoredResult, pages: FakePages, folder: Path, most_bytes: int = 1 << 20) -> list[str]:
    written = written_file(result, pages, "csv", folder=folder, most_bytes=most_bytes, on_rows=nothing)
    async with written as whole:
        text = (await asyncio.to_thread(whole.file.read)).decode("utf-8-sig")
        assert whole.size == len(text.encode()) + 3
    assert whole.file.closed
    assert list(folder.iterdir()) == []
    return text.splitlines()


async def test_a_result_that_is_kept_whole_is_written_without_asking_bigquery(tmp_path: Path) -> None:
    pages = FakePages()
    assert await lines(RESULT, pages, tmp_path) == ["n,name", "0,name 0", "1,name 1", "2,name 2"]
    assert pages.asked == []


async def test_a_longer_one_is_read_from_its_own_job_two_pages_in_memory_at_most(tmp_path: Path) -> None:
    CountedPage.most = CountedPage.alive = 0
    assert len(await lines(LONG, pages := FakePages(), tmp_path)) == 51
    assert (pages.asked, pages.is_closed) == (["job-1"], True)
    assert CountedPage.most <= 2
    assert CountedPage.alive == 0


async def test_the_next_page_is_fetched_when_the_last_one_is_on_the_disk(tmp_path: Path) -> None:
    seen: list[int] = []

    async def on_rows(rows: int, total: int) -> None:
        assert (CountedPage.alive <= 1, total) == (True, 50)
        seen.append(rows)

    CountedPage.alive = 0
    async with written_file(LONG, FakePages(), "xlsx", folder=tmp_path, most_bytes=1 << 20, on_rows=on_rows) as whole:
        assert (whole.rows, whole.total_rows, whole.limit) == (50, 50, None)
    assert seen == [10, 20, 30, 40, 50]


async def test_what_bigquery_has_dropped_is_written_as_far_as_it_is_kept(tmp_path: Path) -> None:
    pages = FakePages(ResultGone("gone"))
    async with written_file(LONG, pages, "csv", folder=tmp_path, most_bytes=1 << 20, on_rows=nothing) as whole:
        assert (whole.rows, whole.total_rows) == (3, 50)


@pytest.mark.parametrize("error", [WarehouseUnavailable("down"), ResultGone("gone in between")])
async def test_a_failure_in_the_middle_gives_no_file_and_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)):
        await lines(LONG, FakePages(error, fails_at=20), tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_reading_stops_where_the_limit_is_reached(tmp_path: Path) -> None:
    pages = FakePages()
    assert len(await lines(LONG, pages, tmp_path, most_bytes=150)) == 14
    assert pages.is_closed


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_cancelled_file_leaves_nothing(tmp_path: Path, kind: str) -> None:
    reached = asyncio.Event()

    async def on_rows(rows: int, total: int) -> None:
        reached.set()
        await asyncio.Event().wait()

    async def write() -> None:
        async with written_file(LONG, pages, kind, folder=tmp_path, most_bytes=1 << 20, on_rows=on_rows):  # type: ignore[arg-type]
            raise AssertionError("unreachable")

    pages = FakePages()
    task = asyncio.create_task(write(), name="write")
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (list(tmp_path.iterdir()), pages.is_closed) == ([], True)


async def test_what_a_killed_process_left_over_goes_after_a_day_and_not_before(tmp_path: Path) -> None:
    for name in ("xlsx-old", "xlsx-new"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "xlsx-old", (0, 0))
    async with written_file(RESULT, FakePages(), "csv", folder=tmp_path, most_bytes=1 << 20, on_rows=nothing):
        assert [left.name for left in tmp_path.iterdir()] == ["xlsx-new"]


async def test_what_the_answer_masked_is_masked_in_the_file(tmp_path: Path) -> None:
    hidden = replace(LONG, masked_columns=("name",))
    assert (await lines(hidden, FakePages(), tmp_path))[1:3] == ["0,•••", "1,•••"]
    assert (await lines(replace(RESULT, masked_columns=("name",)), FakePages(), tmp_path))[1] == "0,•••"
