"""An answer says how old its data is, and warns when all of it is old; nothing waits long to find out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.turn import Actor, Answer, Audience, Column, OnProgress, Table, TableAge, Turn
from bot.freshness import DatedAnswers
from bot.receipts.receipt import TableAge as Change
from bot.slack.messages.answer import render_answer
from tests.fakes.block_kit import check_message

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = 3600.0
TABLE = Table((Column("n", "INT64"),), ((1,), (2,)), 2)
ANSWER = Answer("t1", "en", None, text="n", table=TABLE, tables_read=("p.shop.orders", "p.shop.users"))
TURN = Turn("t1", "c", Actor("U1", "T1"), Audience("asker", "D1"), "n?")


@dataclass
class FakeAnswers:
    given: Answer = ANSWER
    tidied: list[Turn] = field(default_factory=list[Turn])

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        return self.given

    async def tidy(self, turn: Turn) -> None:
        self.tidied.append(turn)

    async def stop(self, turn: Turn) -> Answer:
        return self.given


@dataclass
class FakeChanges:
    hours: dict[str, float]
    error: Exception | None = None

    async def of(self, names: Sequence[str], *, read_at: float | None) -> Sequence[Change]:
        if self.error:
            raise self.error
        now = NOW.timestamp()
        known = {name: now - self.hours[name] * HOUR for name in names if name in self.hours}
        return [Change(name, known.get(name)) for name in names]


async def dated(changes: FakeChanges, given: Answer = ANSWER, hours: float | None = 72) -> Answer:
    stale_after = timedelta(hours=hours) if hours is not None else None
    answers = DatedAnswers(FakeAnswers(given), changes, stale_after=stale_after, now=lambda: NOW)

    async def unseen(_: object) -> None:
        return None

    return await answers.answer(TURN, unseen)


async def test_each_table_has_its_age() -> None:
    answer = await dated(FakeChanges({"p.shop.orders": 2, "p.shop.users": 100}))
    assert answer.ages == (TableAge("p.shop.orders", 2 * HOUR), TableAge("p.shop.users", 100 * HOUR))
    assert not answer.is_stale  # users rarely change, and are right all the same
    assert answer.seconds is not None


@pytest.mark.parametrize(
    ("hours", "limit", "is_stale"),
    [
        ({"p.shop.orders": 73, "p.shop.users": 100}, 72, True),
        ({"p.shop.orders": 71, "p.shop.users": 100}, 72, False),
        ({"p.shop.orders": 73}, 72, False),
        ({"p.shop.orders": 73, "p.shop.users": 100}, None, False),
    ],
)
async def test_data_is_old_when_all_of_it_is_known_to_be(
    hours: dict[str, float], limit: float | None, is_stale: bool
) -> None:
    assert (await dated(FakeChanges(hours), hours=limit)).is_stale is is_stale


async def test_what_the_asker_alone_may_see_is_dated_too() -> None:
    given = replace(ANSWER, table=None, fuller=replace(ANSWER, turn_id="t1:private"))
    answer = await dated(FakeChanges({"p.shop.orders": 2}), given)
    assert answer.ages == ()
    assert answer.fuller is not None
    assert answer.fuller.ages == (TableAge("p.shop.orders", 2 * HOUR),)


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionError("BigQuery is away")])
async def test_an_answer_does_not_fail_for_its_footer(error: Exception) -> None:
    assert (await dated(FakeChanges({}, error))).table == TABLE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "orders: updated just now"),
        (61.0, "orders: updated 1 min ago"),
        (2 * HOUR, "orders: updated 2 h ago"),
        (49 * HOUR, "orders: updated 2 days ago"),
    ],
)
def test_the_footer_says_it_in_words(seconds: float, words: str) -> None:
    message = render_answer(replace(ANSWER, ages=(TableAge("p.shop.orders", seconds),), seconds=4.26))
    check_message(message)
    assert message.text.endswith(f"Tables: shop.orders, shop.users · {words} · 4.3 s")


@pytest.mark.parametrize(
    ("seconds", "words"), [(100 * HOUR, "orders has not changed for 4 days."), (5 * HOUR, "not changed for 5 hours.")]
)
def test_old_data_is_warned_of_by_its_youngest_table(seconds: float, words: str) -> None:
    ages = (TableAge("p.shop.users", 900 * HOUR), TableAge("p.shop.orders", seconds))
    message = render_answer(replace(ANSWER, ages=ages, is_stale=True))
    check_message(message)
    assert words in message.text
