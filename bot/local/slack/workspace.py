"""A whole Slack workspace on this machine: serve it, talk in it, press its buttons, break it, look at it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal, TypeVar, cast

from aiohttp import web

from bot.local.slack.api import Api
from bot.local.slack.call import Call
from bot.local.slack.courier import ACK_SECONDS, MOST_REMEMBERED, RETRY_DELAYS, Courier
from bot.local.slack.door import harden, local_only
from bot.local.slack.envelopes import Ack, Envelope
from bot.local.slack.events import event_envelope
from bot.local.slack.faults import Fault, Faults
from bot.local.slack.gestures import Gestures
from bot.local.slack.limits import DEFAULT_LIMITS, Limit, Limits
from bot.local.slack.live import Live
from bot.local.slack.local_api import LocalApi
from bot.local.slack.page_files import page_routes
from bot.local.slack.people import BOT_ID
from bot.local.slack.persistence import StateFile
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, as_object, objects

BOT_TOKEN: Final = "xoxb-local"  # noqa: S105 - opens nothing but this machine's workspace
APP_TOKEN: Final = "xapp-local"  # noqa: S105
SUGGESTIONS: Final = (
    "How many orders were placed in 2025?",
    "What was revenue by month in 2025?",
    "Which five products sold best?",
    "2025년 주문은 몇 건이었나요?",
    "2025年の注文は何件でしたか?",
)
POLL_SECONDS: Final = 0.05
"""wait_for looks again this often, for predicates over things that the workspace cannot see change."""

Found = TypeVar("Found")


class Workspace:
    """Everything is in memory; with a *state_file* the conversation and the unanswered events outlive the process."""

    def __init__(
        self,
        *,
        bot_token: str = BOT_TOKEN,
        app_token: str = APP_TOKEN,
        bot_name: str = "Data Bolt",
        state_file: Path | None = None,
        ack_timeout: float = ACK_SECONDS,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        linger: float = 10.0,
        limits: Mapping[str, Limit] = DEFAULT_LIMITS,
        flip_mention_order: bool = False,
        echo_bot_messages: bool = True,
        suggestions: Sequence[str] = SUGGESTIONS,
    ) -> None:
        """Times are seconds: *ack_timeout* until an event comes again, *retry_delays* before each further attempt,
        *linger* from a disconnect frame to the close. *flip_mention_order* sends message.* before app_mention;
        *echo_bot_messages* tells the bot of its own posts, as Slack does."""
        self.bot_token = bot_token
        self.app_token = app_token
        self.suggestions = list(suggestions)
        self.calls: list[Call] = []
        """Every Web API call, oldest first."""
        self._changed = asyncio.Event()
        self._banner: list[Json] = []
        self._file = StateFile(state_file, self._dump) if state_file is not None else None

        def make_courier(room: Room) -> Courier:
            return Courier(
                ack_timeout=ack_timeout,
                retry_delays=retry_delays,
                linger=linger,
                on_ack=room.on_ack,
                on_unanswered=room.on_unanswered,
                on_change=self._wake,
            )

        self.room = Room(
            bot_name=bot_name,
            flip_mention_order=flip_mention_order,
            echo_bot_messages=echo_bot_messages,
            make_courier=make_courier,
        )
        self.courier = self.room.courier
        self.limits = Limits(limits)
        self.faults = Faults()
        self._api = Api(
            self.room,
            bot_token=bot_token,
            app_token=app_token,
            limits=self.limits,
            faults=self.faults,
            on_call=self._note_call,
        )
        self.gestures = Gestures(self.room, self._api)
        self._live = Live(self.snapshot)
        self._local_api = LocalApi(
            self.room, self.gestures, self._live, state=self.snapshot, banner=lambda: self.banner
        )
        self.room.listeners += [self._live.tell, self._note_change]

    # Serving

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncGenerator["Workspace"]:
        """Serve on 127.0.0.1 (*port* 0: any free one) until the block ends."""
        if self._file is not None:
            self._load(await self._file.load())
            self._file.start()
        app = web.Application(middlewares=[local_only], client_max_size=16 * 2**20)
        app.on_response_prepare.append(harden)
        app.add_routes([*self._api.routes(), *self._local_api.routes()])
        app.add_routes([web.get("/link/", self.courier.links.serve), *page_routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self.room.base_url = f"http://127.0.0.1:{cast(tuple[str, int], runner.addresses[0])[1]}"
            yield self
        finally:
            await self.courier.close()
            await self._live.close()
            await runner.cleanup()
            if self._file is not None:
                await self._file.close()

    @property
    def api_url(self) -> str:
        """For SLACK_API_URL."""
        return f"{self.room.base_url}/api/"

    @property
    def page_url(self) -> str:
        return f"{self.room.base_url}/"

    @property
    def banner(self) -> list[Json]:
        """Lines over the page: `{"level": "info" | "warning" | "error" | "progress", "text": ...}`."""
        return self._banner

    @banner.setter
    def banner(self, lines: list[Json]) -> None:
        self._banner = lines
        self.room.tell({"type": "banner", "banner": lines})

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
    ) -> None:
        """The next *times* calls of *method* are answered with *error* (429 with *retry_after*: `ratelimited`).

        *delay* seconds pass first; *after*: the call takes effect and only its answer is lost.
        """
        if retry_after is not None:
            error, status = "ratelimited", 429
        self.faults.add(method, Fault(error, status, retry_after, delay, after), times)

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
        """What the bot said under *thread_ts*."""
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

    def snapshot(self) -> Json:
        """All that the page shows."""
        room = self.room
        return {
            "bot": {"user": room.bot.id, "name": room.bot.name},
            "people": [
                {"id": p.id, "name": p.name, "locale": p.locale, "color": p.color, "title": p.title, "is_bot": p.is_bot}
                for p in room.people.values()
            ],
            "channels": [
                {"id": c.id, "name": c.name, "topic": c.topic, "person": c.person, "members": list(c.members)}
                for c in room.board.channels.values()
            ],
            "messages": room.board.dump(),
            "ephemeral": room.board.ephemeral,
            "screens": [room.screen_of(user) for user in room.people],
            "statuses": [{"channel": c, "thread_ts": t, "status": s} for (c, t), s in room.statuses.items()],
            "banner": self.banner,
            "suggestions": self.suggestions,
            "sockets": self.sockets,
        }

    def clear(self) -> None:
        """Forget the conversation."""
        self.room.board.clear()
        self.room.tell({"type": "state"} | self.snapshot())

    def _note_call(self, call: Call) -> None:
        self.calls.append(call)
        del self.calls[:-MOST_REMEMBERED]
        self._wake()

    def _note_change(self, change: Json) -> None:
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        if self._file is not None:
            self._file.mark()

    def _dump(self) -> Json:
        waiting = [{"event": e.event, "attempts": e.attempts} for e in self.courier.unanswered_events]
        return {"messages": self.room.board.dump(), "unanswered": waiting}

    def _load(self, saved: Json) -> None:
        self.room.board.load(as_object(saved.get("messages")))
        for waiting in objects(saved.get("unanswered")):
            envelope = event_envelope(as_object(waiting.get("event")))
            envelope.attempts = int(waiting.get("attempts", 0)) + 1
            self.courier.send(envelope)
