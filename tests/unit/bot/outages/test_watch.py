"""Outages as the operators hear of them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from agent.notice import Notice
from agent.policy.budget import Budget, Period, Scope, Standing
from agent.spend import Amount
from bot.budgets import BudgetLine
from bot.i18n.catalogue import LANGUAGES, say_notice
from bot.outages.announcer import Announcer
from bot.outages.budget_watch import BudgetWatch
from bot.outages.conditions import FAILURES_IN_A_ROW
from bot.outages.database_look import DatabaseLook
from bot.outages.watch import OutageWatch
from bot.vitals import Queue, VitalSigns
from tests.fakes.noticeboard import FakeNoticeboard
from tests.fakes.outages import FakeOutageBook

CALM = Queue(running=0, waiting=0, later=0, oldest_seconds=0)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Daemon:
    """One that watches; `after` is how its time goes by."""

    def __init__(self, book: FakeOutageBook, board: FakeNoticeboard) -> None:
        self.vitals = VitalSigns()
        self.vitals.connected_since = lambda: START
        self.seconds = 0.0
        self.queue: Queue | None = CALM
        self.model_failures = 0
        self.budgets: Sequence[BudgetLine] = ()
        self.shown: list[Sequence[BudgetLine]] = []
        now = lambda: START + timedelta(seconds=self.seconds)  # noqa: E731
        self.announcer = Announcer(book, board, host="vm-1", now=now)
        self.watch = OutageWatch(
            vitals=self.vitals,
            database=DatabaseLook(self._look),
            model_failures=lambda: self.model_failures,
            bigquery_failures=lambda: 0,
            on_change=self.announcer.changed,
            clock=lambda: self.seconds,
        )
        self.budget_watch = BudgetWatch(self, book, board, on_look=self.shown.append)

    async def after(self, seconds: float) -> None:
        """Looking every five seconds."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds += 5
            await self.watch.look()
            await self.announcer.tell_all()
            if self.seconds % 30 == 0:
                await self.announcer.keep_up()
                await self.budget_watch.look()

    async def lines(self) -> Sequence[BudgetLine]:
        return self.budgets

    async def _look(self) -> Queue:
        if self.queue is None:
            raise ConnectionError("away")
        return self.queue


@pytest.fixture
def book() -> FakeOutageBook:
    return FakeOutageBook()


@pytest.fixture
def board() -> FakeNoticeboard:
    return FakeNoticeboard()


@pytest.fixture
def daemon(book: FakeOutageBook, board: FakeNoticeboard) -> Daemon:
    return Daemon(book, board)


def codes(board: FakeNoticeboard) -> list[str]:
    return [notice.code for notice in board.posted]


async def test_an_outage_of_the_database_is_told_when_it_lasts_and_once(daemon: Daemon, board: FakeNoticeboard) -> None:
    daemon.queue = None
    with capture_logs() as logs:
        await daemon.after(10)
        assert codes(board) == []
        assert not daemon.vitals.read().is_ready
        await daemon.after(60)
        assert codes(board) == ["ops.database_away"]
        assert daemon.vitals.read().degraded == ("database",)
        daemon.queue = CALM
        await daemon.after(60)
    assert codes(board) == ["ops.database_away", "ops.database_back"]
    assert daemon.vitals.read().degraded == ()
    told = board.posted[1].params
    assert (told["host"], float(told["until"]) - float(told["since"])) == (
        "vm-1",
        70,
    )  # from the first bad look to the first good one
    events = [(line["event"], line["what"]) for line in logs if line["event"].startswith("daemon.")]
    assert events == [("daemon.degraded", "database"), ("daemon.recovered", "database")]


async def test_slack_cannot_be_told_of_its_own_outage_before_it_is_over(daemon: Daemon, board: FakeNoticeboard) -> None:
    daemon.vitals.connected_since = lambda: None
    await daemon.after(60)
    assert (daemon.vitals.read().degraded, codes(board)) == (("slack",), [])
    daemon.vitals.connected_since = lambda: START
    await daemon.after(30)
    assert codes(board) == ["ops.slack_back"]


async def test_without_its_sql_engine_a_daemon_answers_and_tells_what_that_means(
    daemon: Daemon, board: FakeNoticeboard
) -> None:
    daemon.vitals.engine = lambda: "warming"
    await daemon.after(60)
    assert codes(board) == []
    daemon.vitals.engine = lambda: "unavailable"
    await daemon.after(60)
    assert codes(board) == ["ops.engine_unavailable"]
    assert (daemon.vitals.read().is_ready, daemon.vitals.read().degraded) == (True, ("engine",))


async def test_a_daemon_that_drains_has_no_link_and_no_outage(daemon: Daemon) -> None:
    daemon.vitals.connected_since, daemon.vitals.is_draining = (lambda: None), True
    await daemon.after(300)
    assert daemon.vitals.read().degraded == ()


async def test_what_all_daemons_suffer_one_of_them_tells(book: FakeOutageBook, board: FakeNoticeboard) -> None:
    daemons = [Daemon(book, board) for _ in range(3)]
    for failures in (FAILURES_IN_A_ROW - 1, FAILURES_IN_A_ROW):
        for daemon in daemons:
            daemon.model_failures = failures
            await daemon.after(5)
    assert codes(board) == ["ops.model_away"]
    for daemon in daemons:
        daemon.model_failures = 0
        await daemon.after(5)
    assert codes(board) == ["ops.model_away", "ops.model_back"]
    assert book.open == {}


async def test_without_the_book_an_outage_is_told_rather_twice_than_not(
    daemon: Daemon, book: FakeOutageBook, board: FakeNoticeboard
) -> None:
    book.is_away = True
    daemon.queue, daemon.model_failures = None, FAILURES_IN_A_ROW
    await daemon.after(25)
    daemon.model_failures = 0
    await daemon.after(5)
    assert codes(board) == ["ops.model_away", "ops.database_away", "ops.model_back"]


async def test_an_outage_whose_daemon_is_gone_is_closed_by_another(
    daemon: Daemon, book: FakeOutageBook, board: FakeNoticeboard
) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    book.open["bigquery"] = book.open["budget:workspace:T1:month:2025-12-01"] = (long_ago, long_ago)
    await daemon.after(30)
    assert book.open == {}
    (notice,) = board.posted
    assert (notice.code, notice.params["what"]) == ("ops.unseen", "ops_bigquery")


async def test_questions_that_wait_too_long_are_told_and_what_nobody_can_count_changes_nothing(
    daemon: Daemon, board: FakeNoticeboard
) -> None:
    daemon.queue = Queue(running=4, waiting=9, later=0, oldest_seconds=61)
    await daemon.after(60)
    daemon.queue = None
    await daemon.after(10)
    assert daemon.vitals.read().degraded == ("queue",)
    daemon.queue = CALM
    await daemon.after(120)
    assert codes(board) == ["ops.queue_long", "ops.queue_short"]


def standing(scope: Scope, subject: str, spent: int) -> BudgetLine:
    budget = Budget(scope, subject, Period.MONTH, 100, None)
    return BudgetLine(budget, (Standing(budget, subject, Amount(spent), Amount(), "2026-02-01 00:00 (UTC)"),))


async def test_a_budget_that_is_nearly_spent_is_told_once_and_a_persons_own_only_to_them(
    daemon: Daemon, board: FakeNoticeboard
) -> None:
    people = [standing(Scope.USER, "U1", 95), standing(Scope.CHANNEL, "D1", 95)]
    daemon.budgets = [*people, standing(Scope.WORKSPACE, "T1", 79)]
    await daemon.after(120)
    assert codes(board) == []
    daemon.budgets = [*people, standing(Scope.WORKSPACE, "T1", 81)]
    await daemon.after(300)
    (notice,) = board.posted
    assert notice.code == "ops.budget_nearly_spent"
    assert notice.params == {"budget": "workspace:T1:month", "percent": 81, "resets": "2026-02-01 00:00 (UTC)"}
    assert daemon.shown[-1] == daemon.budgets


async def test_every_notice_has_its_sentence_in_each_language(daemon: Daemon, board: FakeNoticeboard) -> None:
    daemon.queue, daemon.model_failures = None, FAILURES_IN_A_ROW
    await daemon.after(60)
    daemon.queue, daemon.model_failures = CALM, 0
    await daemon.after(60)
    assert len(board.posted) == 4
    for language in LANGUAGES:
        sentences = [say_notice(language, notice) for notice in board.posted]
        assert all("2026-01-05" in sentence for sentence in sentences)


async def test_a_look_that_fails_leaves_no_old_news_and_is_not_the_last_one(daemon: Daemon) -> None:
    looked = asyncio.Event()

    def fail() -> datetime:
        looked.set()
        raise RuntimeError("a mistake of ours")

    await daemon.watch.look()
    assert daemon.vitals.database_is_up
    daemon.vitals.connected_since = fail
    with capture_logs() as logs:
        watching = asyncio.create_task(daemon.watch.run())
        async with asyncio.timeout(30):
            await looked.wait()
    assert not daemon.vitals.database_is_up
    assert [line["event"] for line in logs] == ["outages.not_looked"]
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


class SlowBoard(FakeNoticeboard):
    """One that takes nothing before `takes` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.takes = asyncio.Event()
        self.is_asked = asyncio.Event()
        self.has_two = asyncio.Event()

    async def post(self, notice: Notice) -> None:
        self.is_asked.set()
        await self.takes.wait()
        await super().post(notice)
        if len(self.posted) == 2:
            self.has_two.set()


async def test_while_slack_takes_nothing_the_looks_go_on_and_what_they_saw_is_told_in_order(
    book: FakeOutageBook,
) -> None:
    board = SlowBoard()
    daemon = Daemon(book, board)
    telling = asyncio.create_task(daemon.announcer.run())
    daemon.model_failures = FAILURES_IN_A_ROW
    await daemon.watch.look()
    await board.is_asked.wait()
    daemon.model_failures, daemon.queue = 0, None
    await daemon.watch.look()
    assert (daemon.vitals.read().database_is_up, daemon.vitals.read().degraded) == (False, ())
    board.takes.set()
    async with asyncio.timeout(30):
        await board.has_two.wait()
    assert codes(board) == ["ops.model_away", "ops.model_back"]
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


class TornBoard(SlowBoard):
    """One whose first post fails by a mistake of ours."""

    async def post(self, notice: Notice) -> None:
        if not self.is_asked.is_set():
            self.is_asked.set()
            raise RuntimeError("a mistake of ours")
        await super().post(notice)


async def test_a_notice_that_fails_is_not_the_last_one(book: FakeOutageBook) -> None:
    board = TornBoard()
    board.takes.set()
    daemon = Daemon(book, board)
    with capture_logs() as logs:
        telling = asyncio.create_task(daemon.announcer.run())
        for failures in (FAILURES_IN_A_ROW, 0, FAILURES_IN_A_ROW):
            daemon.model_failures = failures
            await daemon.watch.look()
        async with asyncio.timeout(30):
            await board.has_two.wait()
    assert codes(board) == ["ops.model_back", "ops.model_away"]
    assert "outages.not_told" in [line["event"] for line in logs]
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def test_a_server_that_hangs_is_away_is_asked_once_and_is_heard_when_it_answers() -> None:
    answered, asked = asyncio.Event(), 0

    async def ask() -> Queue:
        nonlocal asked
        asked += 1
        await answered.wait()
        return CALM

    look = DatabaseLook(ask, longest_seconds=0.01)
    assert [await look.queue() for _ in range(3)] == [None] * 3
    assert asked == 1
    answered.set()
    assert await look.queue() == CALM
    await look.close()
