"""What slash commands set going: a question and its turn, a look at budgets, a task in the background."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from agent.notice import Notice
from agent.policy.budget import Budget, Period, Scope
from agent.turn import Answer, Language, Member, StartOver
from bot.channel_rules import ChannelRules
from bot.commands.budget_view import BudgetViewService
from bot.commands.long_task import LongTaskService
from bot.commands.questions import CommandQuestionService
from bot.i18n.catalogue import say_notice
from bot.inbox.items import BudgetAsked, CommandSpoken, LongTaskRequested, TurnRequested
from bot.surface import Person, Place
from tests.fakes.budgets import FakeBudgets
from tests.fakes.inbox import FakeInbox
from tests.fakes.rooms import FakeRooms
from tests.fakes.whispers import FakeWhispers


class KoreanPeople:
    async def find(self, user: str) -> Person:
        return Person("ko-KR", "Asia/Seoul")


class FakeResponses:
    def __init__(self) -> None:
        self.said: list[tuple[str, list[str], Language]] = []

    async def respond(self, address: str, notices: Sequence[Notice], language: Language) -> None:
        self.said.append((address, [say_notice("en", notice) for notice in notices], language))


class FakeQuestions:
    """Posts into the channels that are open to it."""

    def __init__(self, *open_channels: str) -> None:
        self.open_channels = open_channels
        self.posted: list[tuple[str, str, bool]] = []

    async def post(self, place: Place, question: str, *, may_exist: bool) -> str | None:
        if place.channel not in self.open_channels:
            return None
        self.posted.append((place.channel, question, may_exist))
        return "1700.5"


class FakeDirect:
    def __init__(self, channel: str | None = "D9") -> None:
        self.channel = channel

    async def open(self, user: str) -> str | None:
        return self.channel

    async def send(self, place: Place, answer: Answer, *, asked_in: Place, may_exist: bool) -> str | None:
        raise AssertionError("nothing is sent here")


def spoken(channel: str = "C1", *, text: str = "how many?", direct: bool = False) -> CommandSpoken:
    return CommandSpoken(
        dedupe_key="command:1",
        conversation="control:command:1",
        spoken_at=Decimal(1700),
        team="T1",
        channel=channel,
        user="U1",
        text=text,
        in_direct_message=direct,
    )


class Desk:
    def __init__(self, *open_channels: str, direct: str | None = "D9") -> None:
        self.inbox, self.questions, self.whispers = FakeInbox(), FakeQuestions(*open_channels), FakeWhispers()
        self.service = CommandQuestionService(
            inbox=self.inbox,
            questions=self.questions,
            direct=FakeDirect(direct),
            people=KoreanPeople(),
            whispers=self.whispers,
            rules=ChannelRules(only=frozenset({"C1", "C2"})),
        )

    @property
    def turn(self) -> TurnRequested:
        (item,) = self.inbox.items
        assert isinstance(item, TurnRequested)
        return item


async def test_in_a_channel_the_question_is_posted_and_answered_in_its_thread() -> None:
    desk = Desk("C1")
    await desk.service.run(spoken(), attempt=1)
    assert desk.questions.posted == [("C1", "how many?", False)]
    assert (desk.turn.conversation, desk.turn.thread_ts, desk.turn.surface) == ("T1:C1:1700.5", "1700.5", "channel")
    assert not desk.turn.unseen


async def test_a_second_attempt_looks_for_the_first_ones_post_and_asks_nothing_twice() -> None:
    desk = Desk("C1")
    await desk.service.run(spoken(), attempt=1)
    await desk.service.run(spoken(), attempt=2)
    assert [may_exist for _, _, may_exist in desk.questions.posted] == [False, True]
    assert desk.turn.text == "how many?"


async def test_where_the_bot_cannot_post_or_is_no_part_it_answers_in_private_and_quotes_the_question() -> None:
    for item in (spoken("C2"), spoken("C7"), spoken("D5", direct=True)):
        desk = Desk("C1", "C7")
        await desk.service.run(item, attempt=1)
        assert (desk.turn.channel, desk.turn.conversation, desk.turn.surface) == ("D9", "T1:D9", "dm")
        assert desk.turn.unseen


async def test_starting_over_is_a_turn_of_the_direct_message_and_quotes_nothing() -> None:
    desk = Desk()
    await desk.service.run(spoken("D9", text="", direct=True).model_copy(update={"preset": StartOver()}), attempt=1)
    assert (desk.turn.preset, desk.turn.conversation, desk.turn.unseen) == (StartOver(), "T1:D9", False)


async def test_a_question_that_is_given_up_is_said_in_the_askers_language() -> None:
    desk = Desk(direct=None)
    await desk.service.run(spoken(), attempt=1)
    assert desk.inbox.items == []
    await desk.service.give_up(spoken(text="2025"))
    assert desk.whispers.said == [("C1", "U1", "turn.busy", "ko")]


async def test_budgets_are_those_that_a_question_of_theirs_would_draw_on() -> None:
    budgets, responses = FakeBudgets(), FakeResponses()
    for scope, subject in ((Scope.USER, "U1"), (Scope.USER, "U2"), (Scope.GROUP, "S1"), (Scope.CHANNEL, "C2")):
        budgets.set_budget(Budget(scope, subject, Period.DAY, 10**9, Decimal(5)))
    service = BudgetViewService(
        purse=budgets,
        people=KoreanPeople(),
        rooms=FakeRooms({"C1": (Member("U1", frozenset({"S1"})),)}),
        responses=responses,
        now=lambda: datetime(2026, 1, 31, tzinfo=UTC),
    )
    item = BudgetAsked(
        dedupe_key="k", conversation="c", spoken_at=Decimal(1), team="T1", channel="C1", user="U1", address="https://a"
    )
    await service.run(item)
    ((address, lines, language),) = responses.said
    assert (address, language) == ("https://a", "ko")
    assert lines == [
        "Your daily budget: $5.00 of $5.00 left until 2026-02-01 00:00 (UTC).",
        "Your daily budget: 1.0 GB of 1.0 GB left until 2026-02-01 00:00 (UTC).",
        "The group's daily budget: $5.00 of $5.00 left until 2026-02-01 00:00 (UTC).",
        "The group's daily budget: 1.0 GB of 1.0 GB left until 2026-02-01 00:00 (UTC).",
    ]
    await service.run(item.model_copy(update={"user": "U7"}))
    await service.give_up(item)
    assert [lines[0][:9] for _, lines, _ in responses.said[1:]] == ["No budget", "I could n"]


async def test_a_long_task_says_when_it_is_done() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    responses = FakeResponses()
    service = LongTaskService(responses=responses, people=KoreanPeople(), sleep=sleep)
    item = LongTaskRequested(
        dedupe_key="k", conversation="c", spoken_at=Decimal(1), user="U1", seconds=7, address="https://a"
    )
    await service.run(item)
    assert slept == [7]
    assert responses.said == [("https://a", ["Done: the task took 7 seconds."], "ko")]
