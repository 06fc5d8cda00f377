"""A whole Slack workspace on this machine: serve it, talk in it, press its buttons, break it, look at it."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, cast

from aiohttp import web

from bot.local.slack.api import Api
from bot.local.slack.controls import Controls
from bot.local.slack.courier import ACK_SECONDS, RETRY_DELAYS, Courier
from bot.local.slack.door import harden, local_only
from bot.local.slack.events import event_envelope
from bot.local.slack.faults import Faults
from bot.local.slack.gestures import Gestures
from bot.local.slack.limits import DEFAULT_LIMITS, Limit, Limits, PerMinute
from bot.local.slack.live import Live
from bot.local.slack.local_api import LocalApi
from bot.local.slack.page_files import page_routes
from bot.local.slack.people import TEAM
from bot.local.slack.persistence import StateFile
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, as_object, objects
from bot.local.slack.trouble import Trouble

BOT_TOKEN: Final = "xoxb-local"  # noqa: S105 - opens nothing but this machine's workspace
APP_TOKEN: Final = "xapp-local"  # noqa: S105
SUGGESTIONS: Final = (
    "How many orders were placed in 2025?",
    "What was revenue by month in 2025?",
    "Which five products sold best?",
    "2025년 주문은 몇 건이었나요?",
    "2025年の注文は何件でしたか?",
)


class Workspace(Controls):
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
        limits: Mapping[str, Limit | PerMinute] = DEFAULT_LIMITS,
        flip_mention_order: bool = False,
        echo_bot_messages: bool = True,
        suggestions: Sequence[str] = SUGGESTIONS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Times are seconds: *ack_timeout* until an event comes again, *retry_delays* before each further attempt,
        *linger* from a disconnect frame to the close. *flip_mention_order* sends message.* before app_mention;
        *echo_bot_messages* tells the bot of its own posts, as Slack does. *clock* is what limits are measured by."""
        super().__init__()
        self.bot_token = bot_token
        self.app_token = app_token
        self.suggestions = list(suggestions)
        self.features: Json = {}
        """Of the app's manifest: its commands and shortcuts, as Slack offers them."""
        self._banner: list[Json] = []
        self._file = StateFile(state_file, self._dump) if state_file is not None else None

        def make_courier(room: Room) -> Courier:
            return Courier(
                ack_timeout=ack_timeout,
                retry_delays=retry_delays,
                linger=linger,
                on_ack=room.on_ack,
                on_unanswered=room.on_unanswered,
                on_change=self.wake,
            )

        self.room = Room(
            bot_name=bot_name,
            flip_mention_order=flip_mention_order,
            echo_bot_messages=echo_bot_messages,
            make_courier=make_courier,
        )
        self.courier = self.room.courier
        self.limits = Limits(limits, clock)
        self.faults = Faults()
        self._api = Api(
            self.room,
            bot_token=bot_token,
            app_token=app_token,
            limits=self.limits,
            faults=self.faults,
            on_call=self.note_call,
        )
        self.gestures = Gestures(self.room, self._api)
        self._live = Live(self.snapshot)
        self.trouble = Trouble(self.courier, self.faults, self.calls)
        self._local_api = LocalApi(
            self.room, self.gestures, self._live, self.trouble, state=self.snapshot, banner=lambda: self.banner
        )
        self.room.listeners += [self._live.tell, self._note_change]

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncGenerator["Workspace"]:
        """Serve on 127.0.0.1 (*port* 0: any free one) until the block ends."""
        if self._file is not None:
            self._load(await self._file.load())
            self._file.start()
        app = web.Application(middlewares=[local_only], client_max_size=16 * 2**20)
        app.on_response_prepare.append(harden)
        app.add_routes([*self._api.routes(), *self._local_api.routes()])
        app.add_routes([web.get("/link/", self.courier.links.serve), *self.room.files.routes(), *page_routes()])
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

    def lose_scope(self, scope: str) -> None:
        """From now on the bot token is told to lack *scope*: somebody changed the app. Calls go on being answered."""
        self._api.scopes = ",".join(given for given in self._api.scopes.split(",") if given != scope)

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

    def snapshot(self) -> Json:
        """All that the page shows."""
        room = self.room
        return {
            "team": TEAM,
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
            "sessions": [{"channel": c, "thread_ts": t} | s for (c, t), s in room.sessions.items()],
            "prompts": [{"channel": c} | p for c, p in room.prompts.items()],
            "commands": objects(self.features.get("slash_commands")),
            "shortcuts": objects(self.features.get("shortcuts")),
            "banner": self.banner,
            "suggestions": self.suggestions,
            "sockets": self.sockets,
        }

    def clear(self) -> None:
        """Forget the conversation."""
        self.room.board.clear()
        self.room.tell({"type": "state"} | self.snapshot())

    def _note_change(self, change: Json) -> None:
        self.wake()

    def wake(self) -> None:
        super().wake()
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
