"""A turn that takes long shows its steps in a stream, and whatever becomes of that: one answer, and no plan left."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from agent.turn import Action, Answer, Progress, Route, Step
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.slack.client import PatientClient, open_client
from bot.slack.desk import Desk
from bot.slack.gates import Allowance, Gates
from bot.slack.identity import ask_identity
from bot.slack.messages.plan import task_chunks
from bot.slack.presenter import SlackPresenter
from bot.slack.streams import Streams
from bot.surface import Place
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.replies import FakeReplies

ANSWER = Answer("turn-1", "en", Route(Action.CHAT_REPLY, 1.0, "hello"), text="Hello, Ana")
TABLES = Progress(Step.READ_SCHEMA, "done", "orders, <!channel>")
RUNNING = Progress(Step.RUN, "running")
RAN = Progress(Step.RUN, "done", "12.3 MB")


@dataclass
class Bench:
    workspace: Workspace
    client: PatientClient
    presenter: SlackPresenter
    place: Place
    seconds: list[float] = field(default_factory=lambda: [0.0])

    def wait(self, seconds: float) -> None:
        """To the bot so much time has passed."""
        self.seconds[0] += seconds

    @property
    def said(self) -> list[str]:
        return [str(m["text"]) for m in self.workspace.answers("C0GENERAL", self.place.thread_ts or "")]

    @property
    def plans(self) -> list[dict[str, Any]]:
        return [m["blocks"][0] for m in self.workspace.plans("C0GENERAL", self.place.thread_ts or "")]

    def tasks(self) -> list[tuple[str, str]]:
        return [(task["title"], task["status"]) for plan in self.plans for task in plan["tasks"]]

    async def until(self, look: Callable[[], Any]) -> Any:
        return await self.workspace.wait_for(look, 20)

    async def only_the_answer_is_left(self) -> None:
        await self.until(lambda: not self.plans)
        assert self.said == ["Hello, Ana"]


async def _briefly(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.02))


@asynccontextmanager
async def bench() -> AsyncGenerator[Bench]:
    workspace, seconds = CheckedWorkspace(), [0.0]
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        me = await ask_identity(client)
        streams = Streams(client, me, clock=lambda: seconds[0], sleep=_briefly)
        ts = await workspace.post("U0ANA", "C0GENERAL", "hello")
        desk = Desk(client, bot_user=me.bot_user, sleep=_briefly)
        presenter = SlackPresenter(desk, FakeReplies(), streams, sleep=_briefly)
        place = Place("turn-1", f"T0LOCAL:C0GENERAL:{ts}", "C0GENERAL", ts, "U0ANA", float(ts), "en")
        try:
            yield Bench(workspace, client, presenter, place, seconds)
        finally:
            await streams.close()


async def test_the_plan_is_streamed_beside_the_reply_and_goes_when_the_answer_stands() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            await draft.show(TABLES)
            await draft.show(RUNNING)
            await b.until(lambda: "Running the query" in b.said[0])
            b.wait(2)
            await b.until(lambda: b.plans and b.said == ["Working on it…"])
            assert b.plans[0]["title"] == "Working on it…"
            assert b.tasks() == [
                ("Looked at the tables (orders, \u2039!channel\u203a)", "complete"),
                ("Running the query", "in_progress"),
            ]
            assert "stop" in str(b.workspace.answers("C0GENERAL", b.place.thread_ts or "")[0]["blocks"])
            await draft.show(RAN)
            await b.until(lambda: ("Ran the query (12.3 MB)", "complete") in b.tasks())
            await draft.finish(ANSWER, None)
            assert b.said == ["Hello, Ana"]
        await b.only_the_answer_is_left()
        assert [len(b.workspace.calls_of(f"chat.{name}Stream")) for name in ("start", "append", "stop")] == [1, 1, 1]


async def test_a_quick_turn_begins_no_stream() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            await draft.show(RUNNING)
            await b.until(lambda: "Running the query" in b.said[0])
            await draft.finish(ANSWER, None)
        assert b.workspace.calls_of("chat.startStream") == []


async def test_a_channel_that_takes_no_streams_is_asked_once_and_the_steps_stand_in_the_reply() -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.startStream", "channel_type_not_supported", times=100)
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.wait(2)
            await draft.show(RUNNING)
            await b.until(lambda: "Running the query" in b.said[0])
            await draft.show(RAN)
            await b.until(lambda: "Ran the query" in b.said[0])
            await draft.finish(ANSWER, None)
        await b.only_the_answer_is_left()
        assert len(b.workspace.calls_of("chat.startStream")) == 1


async def test_without_room_for_a_stream_the_steps_stand_in_the_reply() -> None:
    async with bench() as b:
        b.client.gates = Gates(allowances={"chat.startStream": Allowance(1, burst=0)})
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.wait(2)
            await draft.show(RUNNING)
            await b.until(lambda: "Running the query" in b.said[0])
            await draft.finish(ANSWER, None)
        assert b.workspace.calls_of("chat.startStream") == []


async def test_a_stream_is_rotated_before_slack_ends_it() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.wait(2)
            await draft.show(RUNNING)
            await b.until(lambda: b.plans)
            b.wait(241)
            await b.until(lambda: len(b.workspace.calls_of("chat.startStream")) == 2 and len(b.plans) == 1)
            assert b.tasks() == [("Running the query", "in_progress")]
            await draft.finish(ANSWER, None)
        await b.only_the_answer_is_left()


@pytest.mark.parametrize("error", ["message_not_in_streaming_state", "message_not_found"])
async def test_a_stream_that_is_gone_is_begun_anew(error: str) -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.wait(2)
            await draft.show(RUNNING)
            await b.until(lambda: b.plans)
            b.workspace.fail_next("chat.appendStream", error)
            await draft.show(RAN)
            await b.until(lambda: b.tasks() == [("Ran the query (12.3 MB)", "complete")])
            await draft.finish(ANSWER, None)
        await b.only_the_answer_is_left()


async def test_an_append_that_did_not_get_through_is_sent_again() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.wait(2)
            await draft.show(RUNNING)
            await b.until(lambda: b.plans)
            b.workspace.fail_next("chat.appendStream", status=503, after=True)
            await draft.show(RAN)
            await b.until(lambda: len(b.workspace.calls_of("chat.appendStream")) == 2)
            assert b.tasks() == [("Ran the query (12.3 MB)", "complete")]
            await draft.finish(ANSWER, None)
        await b.only_the_answer_is_left()


async def test_a_stream_whose_start_was_never_heard_of_is_found_and_put_away() -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.startStream", status=502, after=True)
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.wait(2)
            await draft.show(RUNNING)
            await b.until(lambda: b.plans and "Running the query" in b.said[0])
            await draft.finish(ANSWER, None)
        await b.only_the_answer_is_left()
        assert len(b.workspace.calls_of("chat.startStream")) == 1


@pytest.mark.parametrize("is_ended", [False, True])
async def test_what_a_crash_left_is_found_and_put_away(is_ended: bool) -> None:
    async with bench() as b:
        ts = await _stream(b, task_chunks([RUNNING], "turn-1", "en"))
        if is_ended:  # by Slack, after its five minutes
            b.workspace.room.board.change("C0GENERAL", ts, {"streaming_state": "completed", "stream_started": None})
        async with b.presenter.open(b.place, may_exist=True) as draft:
            assert b.plans == []
            await draft.finish(ANSWER, None)
        await b.only_the_answer_is_left()


@pytest.mark.parametrize("deletes_what_streams", [True, False])
async def test_without_room_to_stop_a_stream_the_plan_goes_all_the_same(deletes_what_streams: bool) -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.wait(2)
            await draft.show(RUNNING)
            await b.until(lambda: b.plans)
            b.client.gates = Gates(allowances={"chat.stopStream": Allowance(600, burst=1)})
            assert b.client.gates.enter_now("chat.stopStream", "")
            if not deletes_what_streams:
                b.workspace.fail_next("chat.delete", "cant_delete_message")
            await draft.finish(ANSWER, None)
        await b.only_the_answer_is_left()
        assert len(b.workspace.calls_of("chat.stopStream")) == (0 if deletes_what_streams else 1)


async def test_a_plan_of_another_turn_is_left_alone_once_it_has_ended() -> None:
    async with bench() as b:
        ts = await _stream(b, task_chunks([RAN], "turn-2", "en"))
        await b.client.chat_stopStream(channel="C0GENERAL", ts=ts)
        async with b.presenter.open(b.place, may_exist=True) as draft:
            await draft.finish(ANSWER, None)
        assert b.tasks() == [("Ran the query (12.3 MB)", "complete")]


async def _stream(b: Bench, chunks: list[dict[str, Any]]) -> str:
    """Begin a stream as an earlier attempt did; its ts."""
    response = await b.client.chat_startStream(
        channel="C0GENERAL",
        thread_ts=str(b.place.thread_ts),
        recipient_user_id="U0ANA",
        recipient_team_id="T0LOCAL",
        chunks=chunks,
    )
    return str(response["ts"])
