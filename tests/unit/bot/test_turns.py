"""A turn from the item to the reply, with an analyst, a presenter and a memory that are written by hand."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.errors import InvalidQuery, ModelUnavailable
from agent.notice import Notice
from agent.turn import Action, Answer, Approve, Choice, Member, OnProgress, Progress, Route, Said, Step, Turn
from bot.asides import AsideService
from bot.channel_rules import EVERYWHERE, ChannelRules
from bot.choices import ChoiceService
from bot.consents.gate import ConsentGate
from bot.inbox.attempt import StoppedByPerson
from bot.inbox.items import TurnRequested
from bot.inbox.retry import Dropped
from bot.replies import Reply, encode_answer
from bot.surface import Person, Place
from bot.turns import LONGEST_QUESTION, TurnService, reference_of
from bot.working_mark import WorkingMark
from tests.fakes.consents import FakeConsentRequests, FakeConsents
from tests.fakes.marks import FakeMarks
from tests.fakes.noticeboard import FakeNoticeboard
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms
from tests.fakes.whispers import FakeWhispers

ROUTE = Route(Action.CHAT_REPLY, 1.0, "hello")


class FakeAnalyst:
    def __init__(self) -> None:
        self.fuller: Answer | None = None
        self.turns: list[Turn] = []
        self.steps = [Progress(Step.UNDERSTAND, "running"), Progress(Step.RUN, "running")]
        self.route: Route | None = ROUTE
        self.error: Exception | None = None
        self.stopped: list[str] = []
        self.tidied: list[str] = []
        self.on_tidy: Callable[[], None] = lambda: None

    async def tidy(self, turn: Turn) -> None:
        self.tidied.append(turn.conversation)
        self.on_tidy()

    async def stop(self, turn: Turn) -> Answer:
        self.stopped.append(turn.id)
        return Answer(turn.id, "en", self.route, text="stopped", sql="SELECT 1")

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        self.turns.append(turn)
        for step in self.steps:
            await on_progress(step)
        if self.error is not None:
            raise self.error
        return Answer(turn.id, "en", self.route, text=f"answer to {turn.text}", fuller=self.fuller)


class FakePresenter:
    """Remembers what each draft showed, and whether the answer was kept before it was shown."""

    def __init__(self, replies: FakeReplies) -> None:
        self.replies = replies
        self.opened: list[tuple[Place, bool]] = []
        self.shown: list[object] = []
        self.closed = 0
        self.kept_first: list[bool] = []
        self.error: Exception | None = None

    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator["FakePresenter"]:
        self.opened.append((place, may_exist))
        await self.replies.keep_place(
            Reply(place.turn_id, place.conversation, place.channel, place.thread_ts, ts="9.9")
        )
        self.place = place
        try:
            yield self
        finally:
            self.closed += 1

    async def show(self, progress: Progress) -> None:
        self.shown.append(progress.step)

    async def finish(self, answer: Answer, seconds: float | None) -> None:
        self.kept_first.append(self.replies.rows[self.place.turn_id].answer == encode_answer(answer))
        if self.error is not None:
            raise self.error
        self.shown.append(answer.text)
        self.shown.extend(notice.code for notice in answer.notices)

    async def say(self, *notices: Notice) -> None:
        self.shown.append([notice.code for notice in notices])

    async def help(self) -> None:
        self.shown.append("help")


class FakePeople:
    async def find(self, user: str) -> Person:
        return Person("ko-KR", "Asia/Seoul")


class FakeThreads:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    async def earlier(self, channel: str, thread_ts: str, before: str) -> tuple[Said, ...]:
        self.asked.append((channel, thread_ts, before))
        return (Said("U2", "earlier words"),)


class Bench:
    def __init__(self, rules: ChannelRules = EVERYWHERE) -> None:
        self.replies = FakeReplies()
        self.analyst = FakeAnalyst()
        self.presenter = FakePresenter(self.replies)
        self.threads = FakeThreads()
        self.marks = FakeMarks()
        self.consents, self.requests = FakeConsents(), FakeConsentRequests()
        self.whispers = FakeWhispers()
        self.board = FakeNoticeboard()
        self.private: list[tuple[str, str | None]] = []
        self.redrawn: list[tuple[str, list[str]]] = []
        self.direct_error: Exception | None = None
        self.rooms = FakeRooms({"C1": (Member("U1"), Member("U2"))}, people={"U1": Member("U1")})
        self.service = TurnService(
            analyst=self.analyst,
            presenter=self.presenter,
            replies=self.replies,
            asides=AsideService(replies=self.replies, direct=self),
            choices=ChoiceService(replies=self.replies, surface=self),
            people=FakePeople(),
            rooms=self.rooms,
            threads=self.threads,
            mark=WorkingMark(self.marks),
            consent=ConsentGate(consents=self.consents, rooms=self.rooms, requests=self.requests),
            whispers=self.whispers,
            board=self.board,
            rules=rules,
        )

    async def open(self, user: str) -> str | None:
        return f"D-{user}"

    async def send(self, place: Place, answer: Answer, *, asked_in: Place, may_exist: bool) -> str | None:
        if self.direct_error is not None:
            raise self.direct_error
        self.private.append((place.channel, answer.text))
        return "8.8"

    async def redraw(self, channel: str, ts: str, answer: Answer) -> None:
        self.redrawn.append((ts, [notice.code for notice in answer.notices]))

    async def run(self, item: TurnRequested, attempt: int = 1, *, stopped: bool = False) -> None:
        @asynccontextmanager
        async def stoppable() -> AsyncGenerator[None]:
            if stopped:
                raise StoppedByPerson
            yield

        await self.service.run(item, attempt=attempt, stoppable=stoppable)


def item(text: str = "how many orders?", **fields: Any) -> TurnRequested:
    defaults: dict[str, Any] = {
        "dedupe_key": "message:T1:C1:1712.5",
        "conversation": "T1:C1:1712.5",
        "spoken_at": Decimal("1712.5"),
        "team": "T1",
        "channel": "C1",
        "thread_ts": "1712.5",
        "user": "U1",
        "text": text,
        "surface": "channel",
    }
    return TurnRequested(**{**defaults, **fields})


async def test_the_reply_opens_before_the_analyst_works_and_ends_as_the_answer() -> None:
    bench = Bench()
    await bench.run(item())
    assert bench.presenter.shown == [Step.UNDERSTAND, Step.RUN, "answer to how many orders?"]
    assert bench.presenter.closed == 1


async def test_the_message_that_asks_is_marked_until_it_is_answered() -> None:
    bench = Bench()
    await bench.run(item(message_ts="1712.5"))
    assert bench.marks.calls == [("add", "C1", "1712.5"), ("remove", "C1", "1712.5")]


async def test_what_will_be_tried_again_stays_marked_and_what_is_given_up_does_not() -> None:
    bench = Bench()
    bench.analyst.error = ModelUnavailable("503")
    with pytest.raises(ModelUnavailable):
        await bench.run(item(message_ts="1712.5"))
    assert bench.marks.on == {("C1", "1712.5")}
    await bench.service.give_up(item(message_ts="1712.5"), ModelUnavailable("503"))
    assert bench.marks.on == set()
    (notice,) = bench.board.posted
    assert notice.params == {"reference": reference_of("message:T1:C1:1712.5")}


async def test_what_is_not_for_us_is_not_marked() -> None:
    bench = Bench()
    bench.analyst.route, bench.analyst.steps = None, []
    await bench.replies.keep_place(Reply("earlier", "T1:C1:1712.5", "C1", "1712.5", ts="1.1"))
    await bench.run(item(message_ts="1712.5", addressed=False))
    assert bench.marks.calls == []


async def test_in_a_channel_that_is_left_out_nothing_is_answered_and_who_asked_is_told() -> None:
    bench = Bench(ChannelRules(only=frozenset({"C7"})))
    await bench.run(item("매출은?"))
    assert (bench.presenter.opened, bench.analyst.turns) == ([], [])
    assert bench.whispers.said == [("C1", "U1", "channel.not_here", "ko")]
    await bench.run(item(surface="dm", channel="D1", thread_ts=None))
    assert len(bench.analyst.turns) == 1


async def test_in_a_channel_of_two_companies_nothing_is_read_before_a_colleague_allows_it() -> None:
    bench = Bench()
    await bench.run(item(external=True))
    await bench.run(item(external=True, addressed=False, overheard=True))
    assert (bench.presenter.opened, bench.analyst.turns) == ([], [])
    assert len(bench.requests.posted) == 1
    await bench.consents.give("C1", "U1")
    await bench.run(item(external=True))
    (turn,) = bench.analyst.turns
    assert turn.audience.external


async def test_a_sign_that_a_question_is_queued_does_not_outlive_its_being_turned_away() -> None:
    bench = Bench(ChannelRules(only=frozenset({"C7"})))
    await bench.replies.keep_place(Reply("message:T1:C1:1712.5", "T1:C1:1712.5", "C1", "1712.5", ts="9.9"))
    await bench.run(item())
    assert bench.presenter.shown == [["channel.not_here"]]
    assert bench.whispers.said == []


async def test_what_is_overheard_is_judged_though_we_never_joined() -> None:
    bench = Bench()
    await bench.run(item(addressed=False, overheard=True))
    (turn,) = bench.analyst.turns
    assert not turn.addressed


async def test_the_answer_is_kept_before_it_is_shown() -> None:
    bench = Bench()
    await bench.run(item())
    assert bench.presenter.kept_first == [True]


async def test_the_conversation_is_tidied_once_nobody_waits_for_the_reply() -> None:
    bench = Bench()
    closed_before: list[int] = []
    bench.analyst.on_tidy = lambda: closed_before.append(bench.presenter.closed)
    await bench.run(item())
    assert (bench.analyst.tidied, closed_before) == (["T1:C1:1712.5"], [1])


async def test_a_turn_that_failed_is_not_tidied() -> None:
    bench = Bench()
    bench.analyst.error = ModelUnavailable()
    with pytest.raises(ModelUnavailable):
        await bench.run(item())
    assert bench.analyst.tidied == []


async def test_the_turn_says_who_asks_where_and_who_listens() -> None:
    bench = Bench()
    await bench.consents.give("C1", "U1")
    await bench.run(item(external=True))
    (turn,) = bench.analyst.turns
    assert (turn.id, turn.conversation) == ("message:T1:C1:1712.5", "T1:C1:1712.5")
    assert (turn.actor.user, turn.actor.locale, turn.actor.time_zone) == ("U1", "ko-KR", "Asia/Seoul")
    assert (turn.audience.kind, turn.audience.external) == ("channel", True)
    assert turn.thread == (Said("U2", "earlier words"),)


async def test_a_dm_is_seen_by_the_asker_alone() -> None:
    bench = Bench()
    await bench.run(item(surface="dm", channel="D1", thread_ts=None))
    assert bench.analyst.turns[0].audience.kind == "asker"
    assert bench.threads.asked == []


async def test_a_room_of_which_nothing_is_known_is_external_and_uncounted() -> None:
    bench = Bench()
    await bench.consents.give("C9", "U1")
    await bench.run(item(channel="C9"))
    audience = bench.analyst.turns[0].audience
    assert (audience.members, audience.external) == (None, True)


async def test_what_the_asker_alone_may_see_goes_to_them_before_the_room_reads_that_it_did() -> None:
    bench = Bench()
    bench.analyst.fuller = Answer("message:T1:C1:1712.5", "en", ROUTE, text="all of it")
    await bench.run(item())
    assert bench.private == [("D-U1", "all of it")]
    assert bench.presenter.shown[-2:] == ["answer to how many orders?", "private.sent"]
    assert bench.presenter.kept_first == [False]  # what is kept has the fuller answer, what is shown has not


async def test_a_private_answer_that_was_held_up_is_sent_by_the_next_attempt_and_nothing_runs_again() -> None:
    bench = Bench()
    bench.analyst.fuller = Answer("message:T1:C1:1712.5", "en", ROUTE, text="all of it")
    bench.direct_error = ConnectionError("Slack is away")
    with pytest.raises(ConnectionError):
        await bench.run(item())
    bench.direct_error = None
    await bench.run(item(), attempt=2)
    assert bench.private == [("D-U1", "all of it")]
    assert bench.presenter.shown[-1] == "private.sent"
    assert len(bench.analyst.turns) == 1


async def test_a_pressed_choice_is_a_question_that_the_reply_repeats_and_its_buttons_are_gone_first() -> None:
    bench = Bench()
    asked = Answer("turn-0", "en", ROUTE, text="which?", choices=(Choice("Net", "net revenue?"),))
    await bench.replies.keep_place(Reply("turn-0", "T1:C1:1712.5", "C1", "1712.5", ts="1713.0"))
    await bench.replies.keep_answer("turn-0", encode_answer(asked))
    await bench.run(item("net revenue?", pressed_on="1713.0"))
    assert bench.redrawn == [("1713.0", ["choice.made"])]
    assert bench.presenter.opened[0][0].pressed == "net revenue?"
    assert [turn.text for turn in bench.analyst.turns] == ["net revenue?"]


async def test_an_empty_mention_gets_help_and_no_analyst() -> None:
    bench = Bench()
    await bench.run(item(""))
    assert bench.presenter.shown == ["help"]
    assert bench.analyst.turns == []


async def test_a_button_is_no_empty_mention() -> None:
    bench = Bench()
    await bench.run(item("", preset=Approve("a7")))
    assert bench.analyst.turns[0].preset == Approve("a7")


async def test_forty_thousand_characters_are_refused_in_a_sentence() -> None:
    bench = Bench()
    await bench.run(item("x" * 40_000))
    assert bench.presenter.shown == [["turn.too_long"]]
    await bench.run(item("x" * LONGEST_QUESTION))
    assert len(bench.analyst.turns) == 1


async def test_a_stored_answer_is_delivered_again_and_nothing_runs() -> None:
    bench = Bench()
    bench.presenter.error = ConnectionError("Slack is away")
    with pytest.raises(ConnectionError):
        await bench.run(item())
    bench.presenter.error = None
    await bench.run(item(), attempt=2)
    assert len(bench.analyst.turns) == 1
    assert bench.presenter.shown[-1] == "answer to how many orders?"
    assert [may_exist for _, may_exist in bench.presenter.opened] == [False, True]


async def test_a_stored_answer_of_another_version_is_worked_out_again() -> None:
    bench = Bench()
    await bench.replies.keep_place(Reply("message:T1:C1:1712.5", "T1:C1:1712.5", "C1", None, ts="9.9"))
    await bench.replies.keep_answer("message:T1:C1:1712.5", '{"from": "the future"}')
    await bench.run(item(), attempt=2)
    assert bench.presenter.shown[-1] == "answer to how many orders?"


async def test_a_thread_we_are_not_part_of_is_left_alone() -> None:
    bench = Bench()
    await bench.run(item(addressed=False))
    assert bench.analyst.turns == []
    assert bench.presenter.opened == []


async def joined(bench: Bench) -> None:
    await bench.replies.keep_place(Reply("message:T1:C1:1700", "T1:C1:1712.5", "C1", "1712.5", ts="1.1"))


async def test_in_our_thread_a_message_that_is_not_for_us_shows_nothing() -> None:
    bench = Bench()
    await joined(bench)
    bench.analyst.route = None
    bench.analyst.steps = [Progress(Step.UNDERSTAND, "running")]
    await bench.run(item(addressed=False))
    assert len(bench.analyst.turns) == 1
    assert bench.presenter.opened == []


async def test_in_our_thread_a_message_that_is_for_us_is_answered() -> None:
    bench = Bench()
    await joined(bench)
    await bench.run(item(addressed=False))
    assert bench.presenter.shown == [Step.RUN, "answer to how many orders?"]


async def test_stop_says_stopped_and_ends_the_turn() -> None:
    bench = Bench()
    await bench.run(item(), stopped=True)
    assert bench.presenter.shown == ["stopped"]
    assert bench.presenter.kept_first == [True]
    assert bench.analyst.stopped == [item().dedupe_key]


async def test_a_stop_among_people_is_met_with_silence() -> None:
    bench = Bench()
    await joined(bench)
    bench.analyst.route = None
    await bench.run(item(addressed=False), stopped=True)
    assert bench.presenter.opened == []


async def test_a_transient_failure_is_said_and_tried_again() -> None:
    bench = Bench()
    bench.analyst.error = ModelUnavailable("503")
    with pytest.raises(ModelUnavailable):
        await bench.run(item())
    assert bench.presenter.shown[-1] == ["error.model_unavailable", "turn.trying_again"]


async def test_a_shutdown_tells_nobody_and_passes_on() -> None:
    bench = Bench()
    bench.analyst.error = asyncio.CancelledError()  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await bench.run(item())
    assert bench.presenter.shown == [Step.UNDERSTAND, Step.RUN]
    assert bench.presenter.closed == 1


async def test_giving_up_tells_the_person_a_reference_that_stays_the_same() -> None:
    bench = Bench()
    for _ in range(2):
        await bench.service.give_up(item(), RuntimeError("secret detail"))
    assert bench.presenter.shown == [["error.unexpected", "turn.reference"]] * 2
    assert reference_of("message:T1:C1:1712.5") == reference_of("message:T1:C1:1712.5") != reference_of("other")


async def test_giving_up_names_the_agents_own_error() -> None:
    bench = Bench()
    await bench.service.give_up(item(), InvalidQuery("Unrecognized name: x"))
    assert bench.presenter.shown == [["error.invalid_query", "turn.reference"]]


async def test_a_turn_that_an_operator_dropped_is_told_as_that_and_is_nobodys_failure() -> None:
    bench = Bench()
    with capture_logs() as logs:
        await bench.service.give_up(item(), Dropped("dropped by ann"))
    assert bench.presenter.shown == [["turn.dropped"]]
    assert [(line["event"], line["outcome"]) for line in logs] == [("turn.finished", "stopped")]
    assert bench.board.posted == []


async def test_giving_up_on_what_nobody_asked_us_is_silent() -> None:
    bench = Bench()
    await bench.service.give_up(item(addressed=False), RuntimeError("x"))
    assert bench.presenter.opened == []


async def test_giving_up_on_an_answer_that_could_not_be_delivered_tries_once_more_to_deliver_it() -> None:
    bench = Bench()
    bench.presenter.error = ConnectionError("Slack is away")
    with pytest.raises(ConnectionError):
        await bench.run(item())
    bench.presenter.error = None
    await bench.service.give_up(item(), ConnectionError("Slack is away"))
    assert bench.presenter.shown[-1] == "answer to how many orders?"


async def test_a_turn_that_is_tried_again_has_one_canonical_line_at_its_end() -> None:
    bench = Bench()
    with capture_logs() as logs:
        bench.analyst.error = ModelUnavailable("503")
        with pytest.raises(ModelUnavailable):
            await bench.run(item())
        bench.analyst.error = None
        await bench.run(item(), attempt=2)
    (line,) = [line for line in logs if line["event"] == "turn.finished"]
    assert (line["outcome"], line["attempt"], line["action"]) == ("answered", 2, "chat_reply")


async def test_a_turn_that_is_given_up_ends_in_a_canonical_line_without_the_errors_words() -> None:
    bench = Bench()
    with capture_logs() as logs:
        await bench.service.give_up(item(), InvalidQuery("Could not cast literal 'kim' to INT64"))
    (line,) = [line for line in logs if line["event"] == "turn.finished"]
    assert (line["outcome"], line["why"]) == ("failed", "InvalidQuery")
    assert "kim" not in str(logs)


async def test_people_who_talk_among_themselves_leave_no_line_at_info() -> None:
    bench = Bench()
    with capture_logs() as logs:
        await bench.run(item(addressed=False))
    assert [(line["event"], line["log_level"]) for line in logs] == [("turn.finished", "debug")]
