"""A choice is made once: its buttons go, everybody reads what was chosen and by whom."""

from decimal import Decimal
from typing import Any

from agent.turn import Answer, Choice
from bot.choices import ChoiceService
from bot.inbox.items import TurnRequested
from bot.replies import Reply, decode_answer, encode_answer
from tests.fakes.replies import FakeReplies

CHOICES = (Choice("Gross", "What is gross revenue?"), Choice("Net", "What is net revenue?"))
ASKED = Answer("turn-1", "en", None, text="Gross or net?", choices=CHOICES)


class FakeSurface:
    def __init__(self) -> None:
        self.drawn: list[tuple[str, str, Answer]] = []
        self.failures = 0

    async def redraw(self, channel: str, ts: str, answer: Answer) -> None:
        self.drawn.append((channel, ts, answer))
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the daemon died here")


class Bench:
    def __init__(self) -> None:
        self.replies = FakeReplies()
        self.surface = FakeSurface()
        self.service = ChoiceService(replies=self.replies, surface=self.surface)

    async def asked(self, answer: str | None = None) -> None:
        await self.replies.keep_place(Reply("turn-1", "T1:C1:1.0", "C1", "1.0", ts="2.0"))
        await self.replies.keep_answer("turn-1", answer or encode_answer(ASKED))

    def kept(self) -> Answer:
        answer = self.replies.rows["turn-1"].answer
        assert answer is not None
        return decode_answer(answer)


def pressed(text: str = "What is net revenue?", **fields: Any) -> TurnRequested:
    defaults: dict[str, Any] = {
        "dedupe_key": "click:1",
        "conversation": "T1:C1:1.0",
        "spoken_at": Decimal("3"),
        "team": "T1",
        "channel": "C1",
        "thread_ts": "1.0",
        "user": "U2",
        "text": text,
        "surface": "channel",
        "pressed_on": "2.0",
    }
    return TurnRequested(**{**defaults, **fields})


async def test_the_buttons_give_way_to_what_was_chosen_and_by_whom() -> None:
    bench = Bench()
    await bench.asked()
    await bench.service.settle(pressed())
    ((channel, ts, shown),) = bench.surface.drawn
    assert (channel, ts, shown.choices) == ("C1", "2.0", ())
    assert [(n.code, dict(n.params)) for n in shown.notices] == [("choice.made", {"by": "U2", "choice": "Net"})]
    assert bench.kept() == shown


async def test_a_second_choice_changes_nothing_that_stands() -> None:
    bench = Bench()
    await bench.asked()
    await bench.service.settle(pressed())
    await bench.service.settle(pressed("What is gross revenue?", user="U3"))
    assert len(bench.surface.drawn) == 1
    assert [notice.params["by"] for notice in bench.kept().notices] == ["U2"]


async def test_a_crash_before_the_choice_was_kept_shows_it_again() -> None:
    bench = Bench()
    await bench.asked()
    bench.surface.failures = 1
    try:
        await bench.service.settle(pressed())
    except ConnectionError:
        await bench.service.settle(pressed())
    assert len(bench.surface.drawn) == 2
    assert bench.kept().choices == ()


async def test_what_somebody_typed_and_what_comes_next_leave_the_buttons_alone() -> None:
    bench = Bench()
    await bench.asked()
    await bench.service.settle(pressed(pressed_on=None))
    await bench.service.settle(pressed("And by month?"))
    await bench.service.settle(pressed(pressed_on="9.9"))
    await bench.service.settle(pressed(channel="C2"))
    assert (bench.surface.drawn, bench.kept()) == ([], ASKED)


async def test_an_answer_of_another_version_is_left_alone() -> None:
    bench = Bench()
    await bench.asked('{"other": 1}')
    await bench.service.settle(pressed())
    assert bench.surface.drawn == []
