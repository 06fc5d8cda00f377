"""The Socket Mode end: any number of WebSockets of one app, greeted, refreshed and closed as Slack does it."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress

import structlog
from aiohttp import WSMsgType, web

from bot.local.slack.people import APP
from bot.local.slack.shapes import Json, as_object, read_json

log = structlog.get_logger(__name__)

LINK_LIFETIME_SECONDS = 18_060
"""What hello says about itself: a link of Slack lives about five hours."""


PING_SECONDS = 10.0
"""Slack's own client for Node leaves a link on which it hears no ping for 30 seconds."""


class Link:
    """One socket."""

    def __init__(self, number: int, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.number = number
        self._socket = socket
        self._transport = transport
        self.is_retiring = False
        """A disconnect frame was sent: the socket still works until it is closed."""
        self._is_frozen = False
        self._thaw: asyncio.TimerHandle | None = None

    @property
    def is_frozen(self) -> bool:
        return self._is_frozen

    @property
    def is_open(self) -> bool:
        return not self._socket.closed

    async def send(self, frame: Json) -> bool:
        """False when the socket died under the frame."""
        if self._is_frozen:
            return True  # into the void, and nobody knows
        try:
            await self._socket.send_json(frame)
        except (ConnectionError, RuntimeError):
            return False
        return True

    async def send_text(self, text: str) -> None:
        if self._is_frozen:
            return
        with suppress(ConnectionError, RuntimeError):
            await self._socket.send_str(text)

    async def close(self) -> None:
        await self._socket.close()

    async def keep_pinging(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            if not self._is_frozen:
                with suppress(ConnectionError, RuntimeError):
                    await self._socket.ping()

    def freeze(self, seconds: float) -> None:
        """Half-open for *seconds*: nothing passes in either direction, neither pings nor pongs; then it is cut."""
        if self._transport is None or self._is_frozen:
            return
        self._is_frozen = True
        self._transport.pause_reading()
        self._thaw = asyncio.get_running_loop().call_later(seconds, self.drop)

    def let_go(self) -> None:
        """It is gone: nothing is left to cut."""
        if self._thaw is not None:
            self._thaw.cancel()

    def drop(self) -> None:
        """Cut the wire without a goodbye."""
        if self._transport is not None:
            self._transport.abort()


class Links:
    def __init__(self, on_frame: Callable[[Link, Json], None], on_change: Callable[[], None]) -> None:
        self._on_frame = on_frame
        self._on_change = on_change
        self._tickets: set[str] = set()
        self._links: list[Link] = []
        self._opened = 0
        self._turn = 0
        self._connected = asyncio.Event()

    @property
    def open(self) -> list[Link]:
        return [link for link in self._links if link.is_open]

    @property
    def opened(self) -> int:
        """How many sockets there have been so far."""
        return self._opened

    def ticket(self) -> str:
        """The right to open one socket."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    def pick(self) -> Link | None:
        """Any open link, in turn: Slack has no favourite, and uses a retiring one until it is closed."""
        links = self.open
        if not links:
            return None
        self._turn += 1
        return links[self._turn % len(links)]

    async def wait_for_link(self) -> Link:
        while (link := self.pick()) is None:
            self._connected.clear()
            await self._connected.wait()
        return link

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one socket until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="unknown ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self._opened += 1
        link = Link(self._opened, socket, request.transport)
        await link.send(self._hello(len(self.open) + 1))
        self._links.append(link)
        self._connected.set()
        self._on_change()
        log.info("local_slack.link_opened", link=link.number)
        pinging = asyncio.create_task(link.keep_pinging(), name=f"local-slack-link-{link.number}-pings")
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._read(link, message.data)
        finally:
            pinging.cancel()
            link.let_go()
            self._links.remove(link)
            self._on_change()
            log.info("local_slack.link_closed", link=link.number)
        return socket

    async def close(self) -> None:
        for link in list(self._links):
            if link.is_frozen:
                link.drop()  # it would hear no answer to a goodbye
            else:
                await link.close()

    def _read(self, link: Link, text: str) -> None:
        try:
            frame = as_object(read_json(text))
        except ValueError:
            log.warning("local_slack.frame_unreadable", link=link.number)
            return
        self._on_frame(link, frame)

    def _hello(self, connections: int) -> Json:
        return {
            "type": "hello",
            "num_connections": connections,
            "debug_info": {
                "host": "applink-local",
                "build_number": 1,
                "approximate_connection_time": LINK_LIFETIME_SECONDS,
            },
            "connection_info": {"app_id": APP},
        }
