"""From the WebSocket to the thread: everything but the agent and Postgres, which are written by hand here."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any, cast

from agent.errors import ModelUnavailable
from agent.notice import Notice
from agent.policy.approvals import ApprovalRequest
from agent.policy.card import card_of
from agent.policy.deciders import Deciders
from agent.turn import (
    Action,
    Answer,
    Bill,
    CarryOut,
    Choice,
    Column,
    DecisionWord,
    OnProgress,
    Progress,
    Route,
    Step,
    Table,
    Turn,
)
from bot.approvals.cards import CardService
from bot.approvals.decisions import DecisionService
from bot.approvals.twins import TwinService
from bot.dispatch import Dispatcher
from bot.inbox.retry import RetryPolicy
from bot.inbox.worker import WorkerPool
from bot.local.slack.workspace import APP_TOKEN, BOT_TOKEN, Workspace
from bot.slack.app import build_app
from bot.slack.cards import SlackCards
from bot.slack.client import open_client
from bot.slack.desk import Desk
from bot.slack.groups import SlackGroups
from bot.slack.identity import ask_identity
from bot.slack.people import SlackPeople
from bot.slack.presenter import SlackPresenter
from bot.slack.queue_sign import SlackQueueSign
from bot.slack.rooms import SlackRooms
from bot.slack.socket import SocketHandler
from bot.slack.views import SlackSqlViews
from bot.slack.whispers import SlackWhispers
from bot.sql_view import SqlViewService
from bot.stop import StopService
from bot.turns import reference_of
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.approvals import FakeApprovals
from tests.fakes.memory_inbox import MemoryInbox
from tests.fakes.replies import FakeReplies
from tests.integration.slack.turn_service import turn_service

SQL = "SELECT COUNT(*) AS orders FROM shop.orders"
TABLE = Table((Column("orders", "INT64"),), ((2442,),), 1)


ROUTE = Route(Action.SQL_EXECUTE, 0.9, "a number")


class ScriptedAnalyst:
    def __init__(self) -> None:
        self.approvals = FakeApprovals()
        self.turns: list[Turn] = []
        self.running = asyncio.Event()
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.failures = 0
        self.stopped: list[str] = []

    async def tidy(self, turn: Turn) -> None:
        pass

    async def stop(self, turn: Turn) -> Answer:
        self.stopped.append(turn.id)
        return Answer(turn.id, "en", ROUTE, notices=(Notice("turn.stopped"),))

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        self.turns.append(turn)
        self.running.set()
        await on_progress(Progress(Step.RUN, "running"))
        if self.failures:
            self.failures -= 1
            raise ModelUnavailable("503")
        await self.may_finish.wait()
        route = ROUTE
        if isinstance(turn.preset, CarryOut):
            return Answer(turn.id, "en", route, text="Revenue", table=TABLE)
        if "revenue" in turn.text and "net" not in turn.text:
            choices = (Choice("Gross", "gross and net apart?"), Choice("Net", "How much net revenue?"))
            return Answer(turn.id, "en", route, text="Gross or net?", choices=choices)
        if "expensive" in turn.text:
            return await self._ask_approval(turn)
        answer = Answer(turn.id, "en", route, text="Orders", sql=SQL, table=TABLE, bill=Bill(10**6, 10**7, 0.0001))
        if turn.audience.external and turn.audience.kind == "channel":
            return Answer(turn.id, "en", route, text="Not for everybody here.", fuller=answer)
        return replace(answer, next_questions=("How many orders in March?",))

    async def _ask_approval(self, turn: Turn) -> Answer:
        request = ApprovalRequest(
            turn_id=turn.id,
            conversation=turn.conversation,
            requester=turn.actor.user,
            question=turn.text,
            sql=SQL,
            fingerprint="f",
            tables=(),
            bytes_ceiling=10**13,
            cost_ceiling_usd=60.0,
            reasons=(),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            deciders=Deciders(four_eyes=True),
        )
        approval = await self.approvals.get(await self.approvals.request(request))
        assert approval is not None
        return Answer(
            turn.id,
            "en",
            ROUTE,
            sql=SQL,
            decision=DecisionWord.APPROVAL_REQUIRED,
            approval_id=approval.id,
            card=card_of(approval),
            bill=Bill(bytes_estimated=10**13, cost_usd=60.0),
        )


@dataclass(frozen=True)
class Bench:
    workspace: Workspace
    analyst: ScriptedAnalyst
    inbox: MemoryInbox

    async def ask(self, text: str, channel: str = "C0GENERAL", thread_ts: str | None = None) -> str:
        return await self.workspace.post("U0ANA", channel, text, thread_ts)

    async def said(self, ts: str, words: str, channel: str = "C0GENERAL") -> dict[str, Any]:
        """The reply under *ts* that says *words*, once it does."""
        return await self.workspace.wait_for(
            lambda: next((m for m in self.workspace.answers(channel, ts) if words in m["text"]), None)
        )


@asynccontextmanager
async def running(**options: Any) -> AsyncGenerator[Bench]:
    workspace, analyst, inbox, replies = CheckedWorkspace(**options), ScriptedAnalyst(), MemoryInbox(), FakeReplies()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        me = await ask_identity(client)
        whispers = SlackWhispers(client)
        desk = Desk(client, bot_user=me.bot_user)
        presenter = SlackPresenter(desk, replies)
        people = SlackPeople(client, me)
        rooms = SlackRooms(client, people, SlackGroups(client), members_limit=200)
        approvals = analyst.approvals
        # Nobody here presses for files, gives commands or opens tabs: those services are not there.
        unasked = cast(Any, dict.fromkeys(signature(Dispatcher).parameters))
        for name in ("decisions", "cards", "twins", "turns", "stop", "sql_view"):
            del unasked[name]
        dispatcher = Dispatcher(
            **unasked,
            decisions=DecisionService(
                approvals=approvals, replies=replies, inbox=inbox, rooms=rooms, people=people, whispers=whispers
            ),
            cards=CardService(approvals=approvals, states=approvals, replies=replies, faces=SlackCards(client)),
            twins=TwinService(replies=replies, inbox=inbox, whispers=whispers),
            turns=turn_service(
                client,
                me,
                analyst=analyst,
                desk=desk,
                presenter=presenter,
                replies=replies,
                people=people,
                rooms=rooms,
            ),
            stop=StopService(inbox=inbox, whispers=whispers, sign=SlackQueueSign(client)),
            sql_view=SqlViewService(replies=replies, views=SlackSqlViews(client), rooms=rooms),
        )
        retry = RetryPolicy(delays=(0.05, 0.05))
        workers = WorkerPool(inbox, dispatcher, dispatcher.give_up, size=4, retry=retry, poll_seconds=0.05)
        app = build_app(client, me, inbox=inbox, whispers=whispers, people=people, rooms=rooms)
        socket = SocketHandler(app, APP_TOKEN, web_client=client)
        working = asyncio.create_task(workers.run(), name="workers")
        await socket.connect()
        try:
            yield Bench(workspace, analyst, inbox)
        finally:
            await socket.close()
            workers.stop()
            await working


async def test_a_question_is_answered_once_though_slack_tells_of_it_three_times() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> how many orders?")
        message = await b.said(ts, "*2,442* — Orders")
        await b.workspace.redeliver(b.workspace.envelopes[0])
        await b.workspace.wait_for(lambda: len(b.workspace.acks) >= 3)
        await asyncio.sleep(0.1)
        assert len(b.workspace.answers("C0GENERAL", ts)) == 1
        assert len(b.analyst.turns) == 1
        assert message["metadata"]["event_payload"] == {"turn_id": f"message:T0LOCAL:C0GENERAL:{ts}"}


async def test_show_sql_shows_the_sql_of_its_answer() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> how many orders?")
        message = await b.said(ts, "2,442")
        await b.workspace.click("U0AOI", message["ts"], "C0GENERAL", "show_sql")
        await b.workspace.wait_for(lambda: [m for m in b.workspace.modals("U0AOI") if _shows(SQL, m)])


def _shows(sql: str, modal: dict[str, Any]) -> bool:
    """Over whichever lines."""
    return sql in str(modal["blocks"]).replace("\\n", " ")


async def test_the_stop_button_ends_the_turn_with_a_sentence() -> None:
    async with running() as b:
        b.analyst.may_finish.clear()
        ts = await b.ask("<@U0BOLT> how many orders?")
        message = await b.said(ts, "Running the query")
        await b.workspace.click("U0ANA", message["ts"], "C0GENERAL", "stop")
        await b.said(ts, "Stopped, as you asked.")
        assert len(b.workspace.answers("C0GENERAL", ts)) == 1


async def test_a_stop_word_ends_the_turn_in_its_thread() -> None:
    async with running() as b:
        b.analyst.may_finish.clear()
        ts = await b.ask("<@U0BOLT> how many orders?")
        await b.said(ts, "Running the query")
        await b.ask("stop", thread_ts=ts)
        await b.said(ts, "Stopped, as you asked.")


async def test_slacks_own_stop_button_ends_the_turn_in_its_thread() -> None:
    async with running() as b:
        b.analyst.may_finish.clear()
        ts = await b.ask("<@U0BOLT> how many orders?")
        await b.said(ts, "Running the query")
        pressed = {"type": "agent_session_stopped", "user": "U0ANA", "channel": "C0GENERAL", "thread_ts": ts}
        await b.workspace.emit({**pressed, "streaming_message_ts": [], "event_ts": "1713.5"})
        await b.said(ts, "Stopped, as you asked.")


async def test_stop_with_nothing_running_is_said_to_the_one_who_asked() -> None:
    async with running() as b:
        await b.workspace.post("U0MINSU", "D0MINSU", "중지")
        (whisper,) = await b.workspace.wait_for(lambda: b.workspace.whispers("U0MINSU"))
        assert whisper["text"] == "여기서 실행 중인 작업이 없어요."
        assert b.analyst.turns == []


async def test_an_approval_is_asked_for_and_given_in_the_same_conversation() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> an expensive one")
        card = await b.said(ts, "$60.00")
        await b.workspace.click("U0ANA", card["ts"], "C0GENERAL", "approve")
        (whisper,) = await b.workspace.wait_for(lambda: b.workspace.whispers("U0ANA"))
        assert "somebody else than the person who asked" in whisper["text"]
        await b.workspace.react("U0MINSU", "C0GENERAL", card["ts"], "white_check_mark")
        await b.said(ts, "2,442")
        shown = await b.said(ts, "Approved by <@U0MINSU>")
        assert shown["ts"] == card["ts"]
        assert "approve" not in str(shown["blocks"])
        assert "<!date^" in str(shown["blocks"])
        await b.workspace.react("U0AOI", "C0GENERAL", card["ts"], "x")
        (late,) = await b.workspace.wait_for(lambda: b.workspace.whispers("U0AOI"))
        assert late["text"].startswith("<@U0MINSU> さんがすでに決定しています")  # in the reader's own language
        assert {turn.conversation for turn in b.analyst.turns} == {f"T0LOCAL:C0GENERAL:{ts}"}
        assert [turn.actor.user for turn in b.analyst.turns] == ["U0ANA", "U0ANA"]


async def test_a_failure_that_passes_is_answered_in_the_same_message() -> None:
    async with running() as b:
        b.analyst.failures = 2
        ts = await b.ask("<@U0BOLT> how many orders?")
        await b.said(ts, "2,442")
        assert len(b.workspace.answers("C0GENERAL", ts)) == 1
        assert len(b.analyst.turns) == 3


async def test_a_failure_that_stays_is_told_with_its_reference() -> None:
    async with running() as b:
        b.analyst.failures = 99
        ts = await b.ask("<@U0BOLT> how many orders?")
        message = await b.said(ts, reference_of(f"message:T0LOCAL:C0GENERAL:{ts}"))
        assert "The language model does not answer right now (503)." in message["text"]
        assert len(b.workspace.answers("C0GENERAL", ts)) == 1


async def test_an_empty_mention_gets_help_in_the_askers_language() -> None:
    async with running() as b:
        ts = await b.workspace.post("U0AOI", "C0GENERAL", "<@U0BOLT>")
        await b.said(ts, "普段の言葉でお尋ねください")


async def test_forty_thousand_characters_are_refused_in_a_sentence() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> " + "x" * 40_000)
        await b.said(ts, "40,000 characters")
        assert b.analyst.turns == []


async def test_a_follow_up_in_our_thread_needs_no_mention_and_a_strangers_thread_is_left_alone() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> how many orders?")
        await b.said(ts, "2,442")
        await b.ask("and in March?", thread_ts=ts)
        await b.workspace.wait_for(lambda: len(b.workspace.answers("C0GENERAL", ts)) == 2)
        other = await b.ask("lunch?")
        await b.ask("yes", thread_ts=other)
        await b.workspace.wait_for(lambda: not b.workspace.courier.unanswered_events)
        await asyncio.sleep(0.1)
        assert b.workspace.answers("C0GENERAL", other) == []
        assert [turn.addressed for turn in b.analyst.turns] == [True, False]


async def test_a_dm_is_answered_at_its_top_level() -> None:
    async with running() as b:
        await b.ask("how many orders?", "D0ANA")
        await b.workspace.wait_for(lambda: "2,442" in b.workspace.messages("D0ANA")[-1]["text"])
        assert "thread_ts" not in b.workspace.messages("D0ANA")[-1]


async def test_in_a_room_with_a_guest_the_asker_alone_gets_the_fuller_answer() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> how many orders?", "C0AGENCY")
        reply = await b.said(ts, "a fuller answer in a direct message", "C0AGENCY")
        assert "2,442" not in str(reply)
        (private,) = b.workspace.messages("D0ANA")
        assert "*2,442* — Orders" in private["text"]
        assert f"#C0AGENCY/{ts}|Open the thread>" in private["text"]
        await b.workspace.click("U0ANA", private["ts"], "D0ANA", "show_sql")
        await b.workspace.wait_for(lambda: [m for m in b.workspace.modals("U0ANA") if _shows(SQL, m)])


async def test_a_direct_message_that_slack_refuses_is_said_in_the_thread() -> None:
    async with running() as b:
        b.workspace.fail_next("conversations.open", "user_disabled")
        ts = await b.ask("<@U0BOLT> how many orders?", "C0AGENCY")
        await b.said(ts, "Slack did not let me send a direct message", "C0AGENCY")
        assert b.workspace.messages("D0ANA") == []


async def test_a_choice_goes_on_as_who_pressed_it_and_its_buttons_give_way() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> revenue?")
        question = await b.said(ts, "Gross or net?")
        # a second press before the first one is through
        presses = [await b.workspace.click("U0MINSU", question["ts"], "C0GENERAL", "choose:1") for _ in range(2)]
        await b.workspace.wait_for(lambda: all(press.acks for press in presses))
        answer = await b.said(ts, "2,442")
        assert answer["text"].startswith("<@U0MINSU> asks: How much net revenue?")
        question = await b.said(ts, "<@U0MINSU> chose: Net")
        assert "choose" not in str(question["blocks"])
        await b.workspace.wait_for(lambda: all(entry.status == "done" for entry in b.inbox.entries.values()))
        assert [(t.actor.user, t.text) for t in b.analyst.turns[1:]] == [("U0MINSU", "How much net revenue?")]


async def test_a_next_question_is_asked_in_the_same_thread() -> None:
    async with running() as b:
        ts = await b.ask("<@U0BOLT> how many orders?")
        answer = await b.said(ts, "2,442")
        await b.workspace.click("U0AOI", answer["ts"], "C0GENERAL", "ask:0")
        await b.said(ts, "How many orders in March?")
        await b.workspace.wait_for(lambda: len(b.analyst.turns) == 2)
        assert b.analyst.turns[1].conversation == f"T0LOCAL:C0GENERAL:{ts}"
        assert b.analyst.turns[1].actor.user == "U0AOI"
