"""One WebSocket to Slack, from its hello to its close. It is the client that its envelopes are answered through."""

import asyncio
import json
import time
from collections.abc import Callable
from logging import Logger
from typing import Any, Final, cast

import aiohttp
import structlog
from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger(__name__)

PING_SECONDS: Final = 5.0
DEAD_SECONDS: Final = 12.0
"""Silence that a living peer does not keep: two pings went unanswered."""
_CLOSED: Final = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})

Envelope = dict[str, Any]


class Link(AsyncBaseSocketModeClient):
    """Reads until Slack closes it. `leaving` says that a successor is wanted, `gone` that there is nothing to read."""

    def __init__(
        self,
        ws: ClientWebSocketResponse,
        *,
        number: int,
        logger: Logger,
        web_client: AsyncWebClient,
        slots: asyncio.Semaphore,
        take: "Callable[[Link, Envelope], None]",
        clock: Callable[[], float] = time.monotonic,
        ping_seconds: float = PING_SECONDS,
        dead_seconds: float = DEAD_SECONDS,
    ) -> None:
        self.number = number
        self.logger = logger
        self.web_client = web_client
        self.leaving = asyncio.Event()
        self.gone = asyncio.Event()
        self._is_up = asyncio.Event()
        self._ws = ws
        self._slots = slots
        self._take = take
        self._clock = clock
        self._ping_seconds = ping_seconds
        self._dead_seconds = dead_seconds
        self._heard_at = clock()
        self._is_held_up = False
        self._reader = asyncio.create_task(self._read(), name=f"slack-link-{number}-reader")
        self._watcher = asyncio.create_task(self._watch(), name=f"slack-link-{number}-watcher")
        self._retirement: asyncio.Task[None] | None = None

    async def wait_for_hello(self) -> None:
        """Raises ConnectionError when the link dies before it says hello."""
        await self._is_up.wait()
        if self.gone.is_set():
            raise ConnectionError("the link closed before its hello")

    def pong_age(self) -> float:
        """Seconds since the peer was last heard, by a clock that nobody sets back."""
        return self._clock() - self._heard_at

    async def is_connected(self) -> bool:
        return not self.gone.is_set() and self.pong_age() <= self._dead_seconds

    async def send_message(self, message: str) -> None:
        """An ack goes back on the link its envelope came by: no other link knows that envelope."""
        try:
            await self._ws.send_str(message)
        except (ConnectionError, aiohttp.ClientError) as error:
            # The item is in; Slack brings the envelope again, and its dedupe key is known.
            log.warning("slack.ack_lost", link=self.number, error=repr(error))

    def retire(self, seconds: float) -> None:
        """A successor is up: read on until Slack closes this link, which it does, and force it after *seconds*."""
        if self._retirement is None:
            self._retirement = asyncio.create_task(self._retire(seconds), name=f"slack-link-{self.number}-retirement")

    async def stop_reading(self) -> None:
        """Take nothing more; acks can still be sent."""
        tasks = [task for task in (self._reader, self._watcher, self._retirement) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def close(self) -> None:
        await self.stop_reading()
        await self._ws.close()

    async def _read(self) -> None:
        try:
            while True:
                frame = await self._ws.receive()
                self._heard_at = self._clock()
                if frame.type in _CLOSED:
                    log.info("slack.link_closed", link=self.number, code=self._ws.close_code)
                    return
                if frame.type is WSMsgType.PING:
                    await self._ws.pong(frame.data)
                elif frame.type is WSMsgType.TEXT:
                    await self._read_text(str(frame.data))
        except (ConnectionError, aiohttp.ClientError) as error:
            log.warning("slack.link_broken", link=self.number, error=repr(error))
        finally:
            self.leaving.set()
            self.gone.set()
            self._is_up.set()
            self._watcher.cancel()

    async def _read_text(self, text: str) -> None:
        try:
            message: object = json.loads(text)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            # Without an envelope id there is nothing to ack.
            log.warning("slack.frame_unreadable", link=self.number, size=len(text))
            return
        envelope = cast(Envelope, message)
        if envelope.get("envelope_id"):
            self._is_up.set()
            await self._wait_for_slot()
            self._take(self, envelope)
        elif envelope.get("type") == "hello":
            self._is_up.set()
        elif envelope.get("type") == "disconnect":
            log.info("slack.link_leaving", link=self.number, reason=envelope.get("reason"))
            self.leaving.set()

    async def _wait_for_slot(self) -> None:
        """Whoever takes an envelope gives the slot back. While all are taken Slack waits in TCP, not in our memory."""
        self._is_held_up = True
        try:
            await self._slots.acquire()
        finally:
            self._is_held_up = False
            self._heard_at = self._clock()

    async def _watch(self) -> None:
        """A half-open connection swallows frames without an error: only silence betrays it."""
        while True:
            await asyncio.sleep(self._ping_seconds)
            # Pongs behind an envelope that waits for a slot are not read: that silence is ours.
            if self.pong_age() > self._dead_seconds and not self._is_held_up:
                log.warning("slack.link_silent", link=self.number, seconds=round(self.pong_age(), 1))
                self.leaving.set()
            try:
                async with asyncio.timeout(self._ping_seconds):
                    await self._ws.ping()
            except (ConnectionError, aiohttp.ClientError, TimeoutError):
                self.leaving.set()

    async def _retire(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.gone.wait()
        except TimeoutError:
            log.warning("slack.link_forced", link=self.number, after_seconds=seconds)
        await self._ws.close()
