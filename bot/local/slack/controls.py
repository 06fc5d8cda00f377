"""What a test or a command does to a workspace and sees of it: talk, press, break, look, wait."""

import asyncio
from collections.abc import Callable
from typing import Final, Literal, TypeVar

from bot.local.slack.call import Call
from bot.local.slack.courier import MOST_REMEMBERED, Courier
from bot.local.slack.envelopes import Ack, Envelope
from bot.local.slack.faults import Fault, Faults
from bot.local.slack.gestures import Gestures
from bot.local.slack.people import BOT_ID
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, objects

POLL_SECONDS: Final = 0.05
"""wait_for looks again this often, for predicates over things that the workspace cannot see change."""

Found = TypeVar("Found")


class Controls:
    """The workspace seen from outside; `Workspace` adds the serving."""

    room: Room
    courier: Courier
    gestures: Gestures
    faults: Faults

    def __init__(self) -> None:
        self.calls: list[Call] = []
        """Web API calls, oldest first."""
        self._changed = asyncio.Event()

    # Talking

    async def post(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Say *text* as *user* (mention the bot as `<@U0BOLT>`); gives the ts."""
        return str(self.room.post_as_person(user, channel, text, thread_ts)["ts"])

    async def react(self, user: str, channel: str, ts: str, name: str, *, remove: bool = False) -> None:
        self.room.react(user, channel, ts, name, remove=remove)

    async def click(
        self,
        user: str,
        message_ts: str,
        channel: str,
        action_id: str,
        *,
        value: str | None = None,
        choice: Json | None = None,
    ) -> Envelope:
        """Press *action_id*; *value* tells apart several that share the id, *choice* is what a menu gives."""
        return self.gestures.click(user, message_ts, channel, action_id, value=value, choice=choice)

    async def click_in_view(
        self, user: str, view_id: str, action_id: str, *, value: str | None = None, choice: Json | None = None
    ) -> Envelope:
        return self.gestures.click_in_view(user, view_id, action_id, value=value, choice=choice)

    async def submit(self, user: str, view_id: str, values: Json | None = None) -> Envelope:
        """Submit a modal; *values* maps block_id to action_id to the element's state."""
        return self.gestures.submit(user, view_id, values)

    async def close_view(self, user: str, view_id: str) -> Envelope | None:
        return self.gestures.close_view(user, view_id)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Envelope:
        return self.gestures.command(user, channel, command, text)

    async def open_home(self, user: str, tab: Literal["home", "messages"] = "home") -> Envelope:
        return self.gestures.open_home(user, tab)

    async def emit(self, event: Json) -> Envelope:
        """Send the bot any event, well-formed or not."""
        return self.room.announce(event)

    # Breaking

    async def refresh(self, warn_ahead: float | None = None) -> None:
        """Slack's routine: every open socket is told to go, and closed after the linger."""
        await self.courier.refresh(warn_ahead)

    async def drop_sockets(self) -> None:
        """Cut every socket without a goodbye."""
        for link in self.courier.links.open:
            link.drop()

    async def redeliver(self, envelope: Envelope) -> None:
        """Send *envelope* again, with the next retry_attempt, though it may be acked."""
        await self.courier.redeliver(envelope)

    async def send_raw(self, frame: Json | str) -> None:
        """Any frame, JSON or not, down one socket."""
        link = await self.courier.links.wait_for_link()
        if isinstance(frame, str):
            await link.send_text(frame)
        else:
            await link.send(frame)

    def fail_next(
        self,
        method: str,
        error: str = "internal_error",
        *,
        status: int = 200,
        retry_after: int | None = None,
        times: int = 1,
        delay: float = 0.0,
        after: bool = False,
        cut: bool = False,
    ) -> None:
        """The next *times* calls of *method* are answered with *error* (429 with *retry_after*: `ratelimited`).

        *delay* seconds pass first; *after*: the call takes effect and only its answer is lost; *cut*: the connection
        breaks instead of an answer.
        """
        if retry_after is not None:
            error, status = "ratelimited", 429
        self.faults.add(method, Fault(error, status, retry_after, delay, after, cut), times)

    def archive(self, channel: str) -> None:
        """Nobody writes there any more."""
        self.room.board.archived.add(channel)

    # Looking

    @property
    def acks(self) -> list[Ack]:
        """Every ack of the bot, oldest first."""
        return self.courier.acks

    @property
    def envelopes(self) -> list[Envelope]:
        """Everything ever sent to the bot, with its deliveries and acks."""
        return self.courier.envelopes

    @property
    def sockets(self) -> int:
        """How many sockets are open now."""
        return len(self.courier.links.open)

    def envelopes_of(self, ts: str) -> list[Envelope]:
        """The events that told of the post *ts*."""
        return [e for e in self.envelopes if e.event.get("ts") == ts and "subtype" not in e.event]

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def messages(self, channel: str) -> list[Json]:
        """Everything said in *channel*, replies too, oldest first."""
        return self.room.board.everything(channel)

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The message *ts* and the replies under it."""
        return self.room.board.thread(channel, ts)

    def answers(self, channel: str, thread_ts: str) -> list[Json]:
        """What the bot said under *thread_ts*, without the plans that it shows while it works."""
        return [message for message in self._by_bot(channel, thread_ts) if not _is_plan(message)]

    def plans(self, channel: str, thread_ts: str) -> list[Json]:
        """The plans with task cards that stand under *thread_ts*."""
        return [message for message in self._by_bot(channel, thread_ts) if _is_plan(message)]

    def _by_bot(self, channel: str, thread_ts: str) -> list[Json]:
        return [m for m in self.thread(channel, thread_ts) if m.get("bot_id") == BOT_ID and m["ts"] != thread_ts]

    def modals(self, user: str) -> list[Json]:
        """The modals on *user*'s screen; the last is on top."""
        return self.room.views.stack(user)

    def whispers(self, user: str) -> list[Json]:
        """The ephemeral messages *user* was shown."""
        return [message for message in self.room.board.ephemeral if message["ephemeral_to"] == user]

    async def wait_for(self, look: Callable[[], Found | None], timeout: float = 10.0) -> Found:  # noqa: ASYNC109
        """The first truthy result of *look*, called after every change. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while True:
                self._changed.clear()
                if found := look():
                    return found
                try:
                    await asyncio.wait_for(self._changed.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue

    async def connected(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait until the bot holds a socket."""
        await self.wait_for(lambda: self.sockets, timeout)

    def note_call(self, call: Call) -> None:
        self.calls.append(call)
        del self.calls[:-MOST_REMEMBERED]
        self.wake()

    def wake(self) -> None:
        """Something changed: whoever waits looks again."""
        self._changed.set()


def _is_plan(message: Json) -> bool:
    return any(block.get("type") == "plan" for block in objects(message.get("blocks")))
