"""One visible reply per turn, on a workspace that loses answers, limits rates and rejects blocks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Action, Answer, Progress, Route, Step
from bot.local.slack.people import BOT_USER
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.replies import Reply, Taken
from bot.slack.client import PatientClient, SlackUnavailable, open_client
from bot.slack.desk import Desk
from bot.slack.presenter import SlackPresenter
from bot.slack.queue_sign import SlackQueueSign
from bot.surface import Place
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.replies import FakeReplies

ANSWER = Answer("turn-1", "en", Route(Action.CHAT_REPLY, 1.0, "hello"), text="Hello, Ana")
RUNNING = Progress(Step.RUN, "running")


@dataclass(frozen=True)
class Bench:
    workspace: Workspace
    client: PatientClient
    replies: FakeReplies
    presenter: SlackPresenter
    place: Place

    def said(self) -> list[str]:
        """What stands in the thread from us."""
        thread = self.place.thread_ts
        assert thread is not None
        return [str(m["text"]) for m in self.workspace.answers(self.place.channel, thread)]

    async def post_late(self, text: str) -> None:
        """What another daemon sent for this turn before it was killed."""
        metadata = {"event_type": "data_bolt_reply", "event_payload": {"turn_id": self.place.turn_id}}
        await self.client.chat_postMessage(
            channel=self.place.channel, thread_ts=self.place.thread_ts, text=text, metadata=metadata
        )

    async def answer(self, *, may_exist: bool = False, answer: Answer = ANSWER) -> None:
        async with self.presenter.open(self.place, may_exist=may_exist) as draft:
            await draft.finish(answer, None)


async def _briefly(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.02))


@asynccontextmanager
async def bench(*, patient: bool = False, **options: Any) -> AsyncGenerator[Bench]:
    """A question in #general waits for its reply. Waits are shortened, but behind a rate limit when *patient*."""
    workspace = CheckedWorkspace(**options)
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        ts = await workspace.post("U0ANA", "C0GENERAL", "hello")
        replies = FakeReplies()
        sleep = asyncio.sleep if patient else _briefly
        desk = Desk(client, bot_user=BOT_USER, sleep=sleep)
        place = Place("turn-1", f"T0LOCAL:C0GENERAL:{ts}", "C0GENERAL", ts, "U0ANA", float(ts), "en")
        yield Bench(workspace, client, replies, SlackPresenter(desk, replies, sleep=sleep), place)


async def test_the_reply_is_there_before_the_answer_and_becomes_it() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            assert b.said() == ["Working on it…"]
            await draft.finish(ANSWER, None)
        assert b.said() == ["Hello, Ana"]
        assert b.replies.rows["turn-1"].ts is not None


async def test_a_redelivered_turn_continues_the_message_of_its_row() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False):
            pass
        await b.answer(may_exist=True)
        assert b.said() == ["Hello, Ana"]
        assert b.workspace.calls_of("conversations.replies") == []


async def test_a_crash_between_post_and_row_leaves_no_second_message() -> None:
    async with bench() as b:
        b.replies.failures = 1
        with pytest.raises(ConnectionError):
            await b.answer()
        assert b.replies.rows == {}
        await b.answer(may_exist=True)
        assert b.said() == ["Hello, Ana"]


async def test_a_post_of_a_killed_daemon_that_arrives_late_is_taken_back() -> None:
    """Slack had it on its wires when the next daemon looked, so there were two; only one is left."""
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=True) as draft:
            await b.post_late("Working on it…")
            assert len(b.said()) == 2
            await draft.finish(ANSWER, None)
        assert b.said() == ["Hello, Ana"]


async def test_a_sign_whose_daemon_was_killed_is_taken_back_by_who_answered() -> None:
    """It had written that it would post, a worker elsewhere had not seen it yet, and both posted."""
    async with bench() as b:
        b.replies.is_contested = True
        async with b.presenter.open(b.place, may_exist=False) as draft:
            await b.post_late("You are number 2 in line")
            await draft.finish(ANSWER, None)
        assert b.said() == ["Hello, Ana"]


async def test_who_was_alone_from_the_first_asks_slack_nothing_more() -> None:
    async with bench() as b:
        await b.answer()
        assert b.workspace.calls_of("conversations.replies") == []


async def test_a_message_that_only_claims_to_be_our_reply_is_not_taken_for_it() -> None:
    async with bench() as b:
        metadata = {"event_type": "data_bolt_reply", "event_payload": {"turn_id": "turn-2"}}
        await b.client.chat_postMessage(
            channel=b.place.channel, thread_ts=b.place.thread_ts, text="another turn", metadata=metadata
        )
        await b.answer(may_exist=True)
        assert b.said() == ["another turn", "Hello, Ana"]


async def test_in_a_plain_dm_the_reply_is_found_in_the_history() -> None:
    async with bench() as b:
        place = replace(b.place, channel="D0ANA", thread_ts=None)
        b.replies.failures = 1
        with pytest.raises(ConnectionError):
            async with b.presenter.open(place, may_exist=False):
                pass
        async with b.presenter.open(place, may_exist=True) as draft:
            await draft.finish(ANSWER, None)
        assert [m["text"] for m in b.workspace.messages("D0ANA")] == ["Hello, Ana"]


@pytest.mark.parametrize("status", [200, 500, 503])
async def test_a_post_whose_answer_was_lost_is_not_posted_twice(status: int) -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.postMessage", "internal_error", status=status, after=True)
        await b.answer()
        assert b.said() == ["Hello, Ana"]


async def test_a_post_that_did_not_arrive_is_tried_again() -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.postMessage", status=503, times=2)
        await b.answer()
        assert b.said() == ["Hello, Ana"]


async def test_slack_down_for_good_is_a_transient_failure() -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.postMessage", status=503, times=50)
        with pytest.raises(SlackUnavailable) as failed:
            await b.answer()
        assert failed.value.is_transient
        assert b.said() == []


async def test_an_update_is_tried_through_failures() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.workspace.fail_next("chat.update", status=500, times=2)
            await draft.finish(ANSWER, None)
        assert b.said() == ["Hello, Ana"]


async def test_an_answer_whose_blocks_are_rejected_arrives_as_text() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.workspace.fail_next("chat.update", "invalid_blocks")
            await draft.finish(ANSWER, None)
        (message,) = b.workspace.answers("C0GENERAL", str(b.place.thread_ts))
        assert message["text"] == "Hello, Ana"
        assert not message.get("blocks")


async def test_a_deleted_reply_is_posted_again() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            first = b.replies.rows["turn-1"].ts
            await b.client.chat_delete(channel="C0GENERAL", ts=str(first))
            await draft.finish(ANSWER, None)
        assert b.said() == ["Hello, Ana"]
        assert b.replies.rows["turn-1"].ts != first


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("is_archived", "<#C0GENERAL> is archived"),
        ("not_in_channel", "invite me to the channel with /invite"),
        ("missing_scope", "reinstall the app with the scopes of its manifest"),
        ("restricted_action", "Ask an admin of the workspace to let me post there"),
    ],
)
async def test_a_channel_closed_to_us_sends_the_answer_and_what_to_do_to_the_asker(error: str, advice: str) -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.postMessage", error)
        await b.answer()
        assert b.said() == []
        assert b.replies.rows["turn-1"].channel == "D0ANA"
        (message,) = b.workspace.messages("D0ANA")
        assert advice in message["text"]
        assert message["text"].endswith("\nHello, Ana")


async def test_a_channel_that_closes_meanwhile_does_not_take_the_answer_with_it() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.workspace.archive("C0GENERAL")
            await draft.finish(ANSWER, None)
        (message,) = b.workspace.messages("D0ANA")
        assert message["text"].startswith("<#C0GENERAL> is archived")
        assert message["text"].endswith("\nHello, Ana")
        assert b.replies.rows["turn-1"].ts == message["ts"]


async def test_without_the_scope_to_open_a_direct_message_the_answer_goes_to_the_person_itself() -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.postMessage", "not_in_channel")
        b.workspace.fail_next("conversations.open", "missing_scope")
        # The workspace at hand takes no person for a channel; Slack does.
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await b.answer()
        assert [call.text("channel") for call in b.workspace.calls_of("chat.postMessage")] == ["C0GENERAL", "U0ANA"]


async def test_addresses_in_an_answer_without_blocks_are_no_links() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.workspace.fail_next("chat.update", "invalid_blocks")
            await draft.finish(replace(ANSWER, text="see http://evil.example <!channel>"), None)
        assert b.said() == ["see http:\u200b//evil.example &lt;!channel&gt;"]


async def test_nobody_knocks_while_slack_says_wait() -> None:
    """Ten callers, one 429: no call to that method and channel until Retry-After has passed, and all arrive."""
    async with bench(patient=True) as b:
        b.workspace.fail_next("chat.update", retry_after=1)
        async with b.presenter.open(b.place, may_exist=False) as draft:
            updates = [
                asyncio.create_task(b.client.chat_update(channel="C0GENERAL", ts=str(row.ts), text=f"update {n}"))
                for n in range(10)
                for row in b.replies.rows.values()
            ]
            done, _ = await asyncio.wait(updates, timeout=0.5)
            assert len([task for task in done if task.exception() is None]) <= 9
            await asyncio.gather(*updates)
            await draft.finish(ANSWER, None)
        refused = [call for call in b.workspace.calls_of("chat.update") if call.error == "ratelimited"]
        assert len(refused) == 1
        assert b.said() == ["Hello, Ana"]


async def test_steps_are_coalesced_and_never_overtake_the_answer() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.workspace.fail_next("chat.update", "internal_error", delay=0.1, times=1)
            for number in range(200):
                await draft.show(Progress(Step.RUN, "running", str(number)))
                await asyncio.sleep(0)
            await b.workspace.wait_for(lambda: b.workspace.calls_of("chat.update"))
            await draft.finish(ANSWER, None)
        await asyncio.sleep(0.1)
        assert b.said() == ["Hello, Ana"]
        assert len(b.workspace.calls_of("chat.update")) < 20


async def test_steps_are_shown_with_a_stop_button() -> None:
    async with bench() as b, b.presenter.open(b.place, may_exist=False) as draft:
        await draft.show(Progress(Step.READ_SCHEMA, "done", "orders, customers"))
        await draft.show(RUNNING)
        await b.workspace.wait_for(lambda: "Running the query" in b.said()[0])
        assert b.said()[0] == "✓ Looked at the tables (orders, customers)\n… Running the query"
        (message,) = b.workspace.answers("C0GENERAL", str(b.place.thread_ts))
        assert message["blocks"][1]["elements"][0]["action_id"] == "stop"


async def test_a_step_that_slack_refuses_does_not_hurt_the_turn() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            b.workspace.fail_next("chat.update", "msg_too_long")
            await draft.show(RUNNING)
            await b.workspace.wait_for(lambda: b.workspace.calls_of("chat.update"))
            await draft.say(Notice("turn.stopped"))
        assert b.said() == ["Stopped, as you asked."]


async def test_a_cancelled_turn_leaves_no_ticker_behind() -> None:
    async with bench() as b:

        async def turn() -> None:
            async with b.presenter.open(b.place, may_exist=False) as draft:
                await draft.show(RUNNING)
                await asyncio.sleep(60)

        task = asyncio.create_task(turn())
        await b.workspace.wait_for(b.said)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [t for t in asyncio.all_tasks() if t.get_name().startswith("progress-")] == []


async def test_a_question_that_waits_is_told_its_place_and_its_reply_goes_on_there() -> None:
    async with bench() as b:
        await b.presenter.show_queued(b.place, 2)
        assert b.said() == ["All hands are busy. Your question is queued: number 2 in line."]
        async with b.presenter.open(b.place, may_exist=False) as draft:
            await b.workspace.wait_for(lambda: b.said() == ["Working on it…"])
            await draft.finish(ANSWER, None)
        await b.presenter.show_queued(b.place, 1)
        assert b.said() == ["Hello, Ana"]


async def test_a_place_in_line_has_a_stop_button_and_says_when_it_was_pressed() -> None:
    async with bench() as b:
        await b.presenter.show_queued(b.place, 2)
        (sign,) = b.workspace.answers("C0GENERAL", str(b.place.thread_ts))
        await b.workspace.click("U0ANA", sign["ts"], "C0GENERAL", "stop", value="turn-1")
        await SlackQueueSign(b.client).show_stopped("C0GENERAL", sign["ts"], "turn-1", "ko")
        assert b.said() == ["요청하신 대로 중단했어요."]
        await b.client.chat_delete(channel="C0GENERAL", ts=sign["ts"])
        await SlackQueueSign(b.client).show_stopped("C0GENERAL", sign["ts"], "turn-1", "ko")


async def test_a_worker_and_a_sign_that_post_at_once_leave_one_reply() -> None:
    """The sign is on its way when a worker takes the turn, cannot find it yet, and posts the reply itself."""
    async with bench() as b:
        b.workspace.fail_next("chat.postMessage", status=503, delay=0.3)
        sign = asyncio.create_task(b.presenter.show_queued(b.place, 1))
        await b.workspace.wait_for(lambda: b.replies.rows)
        async with b.presenter.open(b.place, may_exist=False) as draft:
            await sign
            await draft.finish(ANSWER, None)
        assert b.said() == ["Hello, Ana"]


async def test_a_sign_that_comes_second_is_taken_back() -> None:
    async with bench() as b:
        mine = await b.client.chat_postMessage(channel="C0GENERAL", thread_ts=b.place.thread_ts, text="the worker's")
        replies = LateReplies(str(mine["ts"]))
        presenter = SlackPresenter(Desk(b.client, bot_user=BOT_USER), replies)
        await presenter.show_queued(b.place, 1)
        assert b.said() == ["the worker's"]
        assert replies.rows["turn-1"].ts == mine["ts"]


async def test_no_sign_is_shown_beside_a_reply_that_was_begun_since_we_looked() -> None:
    async with bench() as b:
        replies = JustTakenReplies()
        await SlackPresenter(Desk(b.client, bot_user=BOT_USER), replies).show_queued(b.place, 1)
        assert b.said() == []
        assert replies.rows["turn-1"].ts == "1.5"


async def test_no_sign_is_shown_where_nothing_can_be_posted() -> None:
    async with bench() as b:
        b.workspace.archive("C0GENERAL")
        await b.presenter.show_queued(b.place, 1)
        assert b.said() == []
        await b.answer()
        assert b.workspace.messages("D0ANA")[0]["text"].endswith("Hello, Ana")


class JustTakenReplies(FakeReplies):
    """A worker takes the place just after the look."""

    async def take_place(self, reply: Reply) -> Taken:
        await super().take_place(replace(reply, ts="1.5"))
        return await super().take_place(reply)


class LateReplies(FakeReplies):
    """While the sign was posted a worker has taken the place."""

    def __init__(self, ts: str) -> None:
        super().__init__()
        self._ts = ts

    async def take_place(self, reply: Reply) -> Taken:
        if reply.ts is not None:
            await super().keep_place(replace(reply, ts=self._ts))
        return await super().take_place(reply)
