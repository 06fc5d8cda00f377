"""Slack in trouble, from the inbox to the thread: each turn ends in exactly one answer or one notice."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from agent.errors import ModelUnavailable
from agent.turn import Action, Answer, OnProgress, Progress, Route, Step, Turn
from bot.inbox.attempt import Attempt
from bot.inbox.items import Item, TurnRequested
from bot.inbox.retry import RetryPolicy
from bot.inbox.worker import WorkerPool
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.slack.client import PatientClient
from bot.slack.desk import Desk
from bot.slack.groups import SlackGroups
from bot.slack.identity import ask_identity
from bot.slack.people import SlackPeople
from bot.slack.presenter import SlackPresenter
from bot.slack.rooms import SlackRooms
from bot.slack.streams import Streams
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.call_log import CallLog
from tests.fakes.memory_inbox import MemoryInbox
from tests.fakes.replies import FakeReplies
from tests.integration.slack.turn_service import turn_service

ANSWERS = {"C0GENERAL": "General's answer", "C0SALES": "Sales' answer"}


class Analyst:
    """Answers once it may, after a few steps; *fails* that often before."""

    def __init__(self) -> None:
        self.fails = 0
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.answered: list[str] = []

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        for step in (Step.UNDERSTAND, Step.READ_SCHEMA, Step.WRITE_SQL, Step.RUN):
            await on_progress(Progress(step, "running"))
            await asyncio.sleep(0)
        if self.fails:
            self.fails -= 1
            raise ModelUnavailable("503")
        await self.may_finish.wait()
        self.answered.append(turn.id)
        return Answer(turn.id, "en", Route(Action.CHAT_REPLY, 1.0, ""), text=f"Answer to {turn.text}")

    async def tidy(self, turn: Turn) -> None:
        pass

    async def stop(self, turn: Turn) -> Answer:
        raise AssertionError("nobody presses Stop")


@dataclass
class Trouble:
    workspace: Workspace
    analyst: Analyst
    inbox: MemoryInbox
    calls: CallLog

    async def ask(self, text: str, channel: str = "C0GENERAL") -> str:
        ts = await self.workspace.post("U0ANA", channel, text)
        item = TurnRequested(
            dedupe_key=f"message:{ts}",
            conversation=f"T0LOCAL:{channel}:{ts}",
            spoken_at=Decimal(ts),
            team="T0LOCAL",
            channel=channel,
            thread_ts=ts,
            user="U0ANA",
            text=text,
            surface="channel",
        )
        await self.inbox.put(item)
        return ts

    def said(self, ts: str, channel: str = "C0GENERAL") -> list[str]:
        return [str(m["text"]) for m in self.workspace.answers(channel, ts)]

    async def finished(self) -> None:
        """Nothing is open in the inbox any more."""
        await self.workspace.wait_for(self._is_quiet, 60)

    def _is_quiet(self) -> bool:
        entries = self.inbox.entries.values()
        return bool(entries) and all(entry.status in ("done", "buried") for entry in entries)

    async def begun(self, ts: str) -> dict[str, Any]:
        """The reply, once it is there."""
        return (await self.workspace.wait_for(lambda: self.workspace.answers("C0GENERAL", ts)))[0]


@asynccontextmanager
async def trouble() -> AsyncGenerator[Trouble]:
    workspace, analyst, inbox, replies, calls = CheckedWorkspace(), Analyst(), MemoryInbox(), FakeReplies(), CallLog()
    async with workspace.serving(), aiohttp.ClientSession(trace_configs=[calls.trace]) as session:
        client = PatientClient(BOT_TOKEN, base_url=workspace.api_url, session=session)
        me = await ask_identity(client)
        people = SlackPeople(client, me)
        rooms = SlackRooms(client, people, SlackGroups(client), members_limit=200)
        desk, streams = Desk(client, bot_user=me.bot_user), Streams(client, me)
        presenter = SlackPresenter(desk, replies, streams)
        turns = turn_service(
            client,
            me,
            analyst=analyst,
            desk=desk,
            presenter=presenter,
            replies=replies,
            people=people,
            rooms=rooms,
        )

        async def handle(attempt: Attempt) -> None:
            assert isinstance(attempt.item, TurnRequested)
            await turns.run(attempt.item, attempt=attempt.claim.attempt, stoppable=attempt.stoppable)

        async def give_up(item: Item, error: Exception) -> None:
            assert isinstance(item, TurnRequested)
            await turns.give_up(item, error)

        retry = RetryPolicy(delays=(0.05, 0.05))
        workers = WorkerPool(inbox, handle, give_up, size=8, retry=retry, poll_seconds=0.05)
        working = asyncio.create_task(workers.run(), name="workers")
        try:
            yield Trouble(workspace, analyst, inbox, calls)
        finally:
            workers.stop()
            await working
            await streams.close()


async def test_a_storm_of_429_delays_answers_and_nobody_calls_during_retry_after() -> None:
    async with trouble() as t:
        t.workspace.fail_next("chat.postMessage", retry_after=1, times=2)
        t.workspace.fail_next("chat.update", retry_after=1, times=2)
        t.workspace.fail_next("users.info", retry_after=1, times=1)
        asked = [(await t.ask(f"question {n}", channel), channel, n) for n in range(3) for channel in ANSWERS]
        await t.finished()
        assert [t.said(ts, channel) for ts, channel, _ in asked] == [[f"Answer to question {n}"] for *_, n in asked]
        assert len(t.analyst.answered) == len(asked)
        assert len(t.calls.refused) == 5
        assert t.calls.during_retry_after() == []


@pytest.mark.parametrize("after", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("fault", [{"status": 503}, {"cut": True}], ids=["503", "cut"])
async def test_answers_survive_5xx_and_cut_connections(fault: dict[str, Any], after: bool) -> None:
    async with trouble() as t:
        t.workspace.fail_next("chat.postMessage", after=after, **fault)
        t.workspace.fail_next("chat.update", after=after, times=2, **fault)
        ts = await t.ask("how many orders?")
        await t.finished()
        assert t.said(ts) == ["Answer to how many orders?"]
        assert len(t.analyst.answered) == 1


async def test_an_outage_of_updates_while_the_answer_is_shown_costs_no_second_answer() -> None:
    """The update fails as often as the client tries: the turn fails, and its next attempt shows what was computed."""
    async with trouble() as t:
        t.analyst.may_finish.clear()
        ts = await t.ask("how many orders?")
        await t.begun(ts)
        t.workspace.fail_next("chat.update", cut=True, times=5)
        t.analyst.may_finish.set()
        await t.finished()
        assert t.said(ts) == ["Answer to how many orders?"]
        assert len(t.analyst.answered) == 1, "computed once, delivered later"


async def test_rejected_blocks_arrive_as_text() -> None:
    async with trouble() as t:
        t.analyst.may_finish.clear()
        ts = await t.ask("how many orders?")
        reply = await t.begun(ts)
        await t.workspace.wait_for(lambda: "Running the query" in t.said(ts)[0])
        t.workspace.fail_next("chat.update", "invalid_blocks")
        t.analyst.may_finish.set()
        await t.finished()
        (answer,) = t.workspace.answers("C0GENERAL", ts)
        assert (answer["ts"], answer["text"]) == (reply["ts"], "Answer to how many orders?")
        assert not answer.get("blocks")


async def test_a_deleted_placeholder_is_no_lost_answer() -> None:
    async with trouble() as t:
        t.analyst.may_finish.clear()
        ts = await t.ask("how many orders?")
        reply = await t.begun(ts)
        t.workspace.room.delete_as_bot("C0GENERAL", reply["ts"])
        t.analyst.may_finish.set()
        await t.finished()
        assert t.said(ts) == ["Answer to how many orders?"]


async def test_a_channel_archived_meanwhile_sends_the_answer_to_the_asker() -> None:
    async with trouble() as t:
        t.analyst.may_finish.clear()
        ts = await t.ask("how many orders?")
        await t.begun(ts)
        t.workspace.archive("C0GENERAL")
        t.analyst.may_finish.set()
        await t.finished()
        (message,) = t.workspace.messages("D0ANA")
        assert message["text"].startswith("<#C0GENERAL> is archived")
        assert message["text"].endswith("Answer to how many orders?")


async def test_a_turn_that_fails_for_good_ends_in_one_notice() -> None:
    async with trouble() as t:
        t.analyst.fails = 100
        t.workspace.fail_next("chat.update", status=500, times=3)
        ts = await t.ask("how many orders?")
        await t.finished()
        (notice,) = t.said(ts)
        assert "The language model does not answer right now" in notice
        assert "name reference" in notice
        assert t.analyst.answered == []
