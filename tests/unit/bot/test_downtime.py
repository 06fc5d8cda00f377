"""A unit's failure is told once, and its end once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.downtime import ONE_OUTAGE, Downtime, DowntimeBook, tell_when_back
from bot.vitals import Vitals
from tests.fakes.noticeboard import FakeNoticeboard

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
READY = Vitals(
    connected_since=NOON,
    pong_age=0.0,
    database_is_up=True,
    engine="warm",
    queue=None,
    last_turn=None,
    degraded=(),
    is_draining=False,
    loop_lag=0.0,
)


def test_failures_close_together_are_one_outage(tmp_path: Path) -> None:
    book = DowntimeBook(tmp_path / "downtime")
    assert book.find("slack-bot", NOON) is None
    book.keep(Downtime("slack-bot", NOON, NOON))
    soon = NOON + ONE_OUTAGE
    assert book.find("slack-bot", soon) == Downtime("slack-bot", NOON, NOON)
    assert book.find("slack-bot@green", soon) is None
    assert book.find("slack-bot", soon + timedelta(seconds=1)) is None


def test_a_daemon_closes_the_daemons_outages_and_nobody_elses(tmp_path: Path) -> None:
    book = DowntimeBook(tmp_path)
    for unit in ("slack-bot", "slack-bot@green", "slack-bot-postgres"):
        book.keep(Downtime(unit, NOON, NOON))
    assert [downtime.unit for downtime in book.close_daemons()] == ["slack-bot", "slack-bot@green"]
    assert book.close_daemons() == []
    assert book.find("slack-bot-postgres", NOON) is not None


def test_a_torn_note_is_no_outage(tmp_path: Path) -> None:
    (tmp_path / "slack-bot.json").write_text('{"since": "yester')
    assert DowntimeBook(tmp_path).find("slack-bot", NOON) is None
    assert DowntimeBook(tmp_path).close_daemons() == []


async def test_the_end_is_told_once_by_a_daemon_that_stays_ready(tmp_path: Path) -> None:
    book, board = DowntimeBook(tmp_path), FakeNoticeboard()
    await asyncio.to_thread(book.keep, Downtime("slack-bot", NOON, NOON))
    await asyncio.wait_for(_told(book, board, lambda: READY), 30)
    (notice,) = board.posted
    assert notice.code == "ops.unit_back"
    assert notice.params == {"unit": "slack-bot", "host": "vm", "since": NOON.timestamp(), "until": NOON.timestamp()}
    await asyncio.wait_for(_told(book, board, lambda: READY), 30)
    assert len(board.posted) == 1


async def test_a_daemon_that_is_not_ready_tells_of_no_end(tmp_path: Path) -> None:
    book, board, looks = DowntimeBook(tmp_path), FakeNoticeboard(), 0
    await asyncio.to_thread(book.keep, Downtime("slack-bot", NOON, NOON))

    def read() -> Vitals:
        nonlocal looks
        looks += 1
        return replace(READY, connected_since=None)

    waiting = asyncio.create_task(_told(book, board, read))
    async with asyncio.timeout(30):
        while looks < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert board.posted == []
    assert await asyncio.to_thread(book.find, "slack-bot", NOON) is not None


async def _told(book: DowntimeBook, board: FakeNoticeboard, read: Callable[[], Vitals]) -> None:
    await tell_when_back(book, board, read, host="vm", now=lambda: NOON, steady_seconds=0.5)
