"""Another form of a result: shown from what is kept, only to people of the room, and kept until the next one."""

from decimal import Decimal
from typing import Any

import pytest

from agent.turn import Answer, Column, Member, Table
from bot.charts.service import ChartService
from bot.inbox.items import ChartRequested, control_lane
from bot.replies import Reply, decode_answer, encode_answer
from bot.shown_answer import ShownAnswers
from bot.slack.chart_clicks import chart_from_click
from bot.slack.fields import ParseError
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms
from tests.fakes.whispers import FakeWhispers

TABLE = Table((Column("c", "STRING"), Column("n", "INT64")), (("a", 1), ("b", 2)), 2)
ANSWER = Answer("turn-1", "ko", None, text="n", table=TABLE, sql="SELECT 1")
ITEM = ChartRequested(
    dedupe_key="click:1",
    conversation=control_lane("chart:T1:C1:2.0"),
    spoken_at=Decimal(3),
    form="pie",
    channel="C1",
    ts="2.0",
    thread_ts="1.0",
    user="U2",
    language="ko",
)


class FakeSurface:
    def __init__(self) -> None:
        self.drawn: list[tuple[str, str, Answer]] = []
        self.above: tuple[str, ...] = ()

    async def redraw(self, channel: str, ts: str, answer: Answer, *, above: tuple[str, ...]) -> None:
        self.drawn.append((channel, ts, answer))
        self.above = above


class Bench:
    def __init__(self) -> None:
        self.replies = FakeReplies()
        rooms = FakeRooms({"C1": (Member("U2"),)})
        self.surface = FakeSurface()
        self.whispers = FakeWhispers()
        self.service = ChartService(
            replies=self.replies,
            shown=ShownAnswers(replies=self.replies, rooms=rooms),
            surface=self.surface,
            whispers=self.whispers,
        )

    async def answered(self, answer: str | None = None) -> "Bench":
        await self.replies.keep_place(Reply("turn-1", "T1:C1:1.0", "C1", "1.0", ts="2.0"))
        await self.replies.keep_answer("turn-1", answer or encode_answer(ANSWER))
        return self


async def test_the_answer_is_shown_in_the_form_and_stays_so() -> None:
    bench = await Bench().answered()
    await bench.service.run(ITEM)
    ((channel, ts, shown),) = bench.surface.drawn
    assert (channel, ts, shown.shown_as, shown.table) == ("C1", "2.0", "pie", TABLE)
    kept = bench.replies.rows["turn-1"].answer
    assert kept is not None
    assert decode_answer(kept).shown_as == "pie"
    assert bench.whispers.said == []


async def test_whoever_is_not_in_the_room_changes_nothing() -> None:
    bench = await Bench().answered()
    await bench.service.run(ITEM.model_copy(update={"user": "U9"}))
    assert bench.surface.drawn == []
    assert bench.whispers.said == [("C1", "U9", "chart.missing", "ko")]


@pytest.mark.parametrize("item", [ITEM.model_copy(update={"ts": "9.0"}), ITEM.model_copy(update={"channel": "C2"})])
async def test_an_answer_that_does_not_stand_there_is_not_shown(item: ChartRequested) -> None:
    bench = await Bench().answered()
    await bench.service.run(item)
    assert bench.surface.drawn == []
    assert [code for _, _, code, _ in bench.whispers.said] == ["chart.missing"]


async def test_an_answer_of_another_version_is_said_to_be_gone() -> None:
    bench = await Bench().answered('{"turn_id": 1}')
    await bench.service.run(ITEM)
    assert [code for _, _, code, _ in bench.whispers.said] == ["chart.missing"]


def body(form: str) -> dict[str, Any]:
    chosen = {"text": {"type": "plain_text", "text": "x"}, "value": form}
    action = {"action_id": "chart", "selected_option": chosen, "block_id": "answer:ko", "action_ts": "5.0"}
    return {
        "actions": [action],
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "user": {"id": "U2"},
        "message": {"ts": "2.0", "thread_ts": "1.0"},
        "trigger_id": "trigger",
    }


def test_what_is_selected_names_the_answer_by_its_place() -> None:
    item = chart_from_click(body("pie"), Decimal(3))
    assert item == ITEM.model_copy(update={"dedupe_key": "click:trigger:5.0"})


async def test_who_asked_by_pressing_stays_above_the_answer() -> None:
    said = {"type": "context", "elements": [{"type": "mrkdwn", "text": "<@U7> asked: n?", "verbatim": True}]}
    answered = {"type": "section", "text": {"type": "mrkdwn", "text": "n · 2 rows"}}
    footer = {"type": "context", "elements": [{"type": "mrkdwn", "text": "0.3 s"}]}
    pressed = body("pie")
    pressed["message"]["blocks"] = [said, answered, footer]
    bench = await Bench().answered()
    await bench.service.run(chart_from_click(pressed, Decimal(3)))
    assert bench.surface.above == ("<@U7> asked: n?",)


@pytest.mark.parametrize("form", ["scatter", "", "bar "])
def test_what_is_no_form_is_refused(form: str) -> None:
    with pytest.raises(ParseError):
        chart_from_click(body(form), Decimal(3))
