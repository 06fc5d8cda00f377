"""Socket Mode without a gap: the new link is open before the old one is left, and every ack follows its commit.

The SDK's own client closes before it reopens, so frames under way are lost; it reads one link only, keeps its tasks by
weak references and judges liveness by the wall clock. Bolt, its requests and its responses are used as they are.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final, Literal, TypeAlias

import structlog
from aiohttp import ClientWSTimeout
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack.app import NOT_STORED
from bot.slack.client import NETWORK_ERRORS, PatientClient, SlackUnavailable, error_code
from bot.slack.identity import REFUSALS, WrongToken
from bot.slack.link import Envelope, Link

log = structlog.get_logger(__name__)

SLOTS: Final = 64
"""Envelopes in hand at once; what is beyond waits in TCP."""
OVERLAP_SECONDS: Final = 30.0
"""How long the old link is read beside the new one; Slack closes it after about ten."""
OPEN_SECONDS: Final = 15.0
"""From asking for an address to the hello."""
DRAIN_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 2.0
"""How long our close waits for Slack's."""
LARGEST_FRAME: Final = 16 * 2**20
STEADY_SECONDS: Final = 10.0
"""A link that lived so long was no failure: its successor is opened without delay."""
QUICK_SUCCESSORS: Final = 3
"""Links in a row that were not steady and are replaced without delay all the same."""
LONGEST_BACKOFF: Final = 30.0

OnEnvelope: TypeAlias = Callable[[str, Literal["acked", "unmatched", "not_stored", "dropped"], float], None]
"""Told of every envelope: its type, what became of it, and the seconds until then."""
Listen = Callable[[AsyncBaseSocketModeClient, SocketModeRequest], Awaitable[None]]


def _unheard(envelope_type: str, result: str, seconds: float) -> None:
    """Nobody counts."""


class OverlappingLinks(AsyncBaseSocketModeClient):
    """The Socket Mode client: one current link, and old ones that are read until Slack closes them."""

    def __init__(
        self, app_token: str, *, web_client: PatientClient, listen: Listen, on_envelope: OnEnvelope = _unheard
    ) -> None:
        self.app_token = app_token
        self.web_client = web_client
        self.logger = web_client.logger
        self.closed = False
        self._web = web_client
        self._listen = listen
        self._on_envelope = on_envelope
        self._slots = asyncio.Semaphore(SLOTS)
        self._links: set[Link] = set()
        self._current: Link | None = None
        self._current_since: datetime | None = None
        self._numbers = count(1)
        self._in_hand: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Returns when a link is up, however long that takes. Raises WrongToken when Slack refuses ours."""
        if self._keeper is not None:
            return
        first = await self._open(is_first=True)
        self._keeper = asyncio.create_task(self._keep_linked(first), name="slack-links")

    async def disconnect(self) -> None:
        await self.close()

    async def close(self) -> None:
        """Take nothing more, send the acks of what is in hand, then close. Unread envelopes go to other links."""
        if self.closed:
            return
        self.closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        links = tuple(self._links)
        await asyncio.gather(*(link.stop_reading() for link in links))
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=DRAIN_SECONDS)
            for task in late:
                log.warning("slack.envelope_abandoned", task=task.get_name())
                task.cancel()
        await asyncio.gather(*(link.close() for link in links), return_exceptions=True)
        self._links.clear()
        self._current = None

    async def is_connected(self) -> bool:
        return self._current is not None and await self._current.is_connected()

    @property
    def connected_since(self) -> datetime | None:
        """When the current link said hello; None without one, also while a successor to a dead one is sought."""
        return None if self._current is None or self._current.gone.is_set() else self._current_since

    def pong_age(self) -> float | None:
        """Seconds of silence on the current link; None as above."""
        return None if self._current is None or self._current.gone.is_set() else self._current.pong_age()

    async def _keep_linked(self, link: Link) -> None:
        failures = 0
        while True:
            opened_at = time.monotonic()
            await link.leaving.wait()
            # Links that end as soon as they are up must not make us knock in a tight loop; a few refreshes in a row
            # are no such loop, and a pause there could outlast the old link.
            failures = 0 if time.monotonic() - opened_at > STEADY_SECONDS else failures + 1
            if failures > QUICK_SUCCESSORS:
                await _back_off(failures - QUICK_SUCCESSORS)
            # The old link is still being read by its own task, and is until Slack closes it.
            successor = await self._open()
            link.retire(OVERLAP_SECONDS)
            link = successor

    async def _open(self, *, is_first: bool = False) -> Link:
        """A link that has said hello, however many tries it takes; a token that was never right is an error at once."""
        for failures in count(1):
            try:
                return await self._try_to_open()
            except SlackApiError as error:
                code = error_code(error)
                if is_first and code in REFUSALS:
                    raise WrongToken("SLACK_APP_TOKEN", code) from error
                log.error("slack.link_refused", error=code, failures=failures)
            except (*NETWORK_ERRORS, OSError, SlackUnavailable) as error:
                log.warning("slack.link_failed", error=repr(error), failures=failures)
            except Exception:  # the boundary: without a keeper the bot would be deaf and look alive
                log.exception("slack.link_failed", failures=failures)
            await _back_off(failures)
        raise AssertionError("unreachable")

    async def _try_to_open(self) -> Link:
        response = await self._web.apps_connections_open(app_token=self.app_token)
        async with asyncio.timeout(OPEN_SECONDS):
            link = await self._join(str(response["url"]))
            self._links = {other for other in self._links if not other.gone.is_set()} | {link}
            try:
                await link.wait_for_hello()
            except BaseException:
                self._links.discard(link)
                await link.close()
                raise
        self._current, self._current_since = link, datetime.now(UTC)
        log.info("slack.link_up", link=link.number, links=len(self._links))
        return link

    async def _join(self, url: str) -> Link:
        session = self._web.session
        assert session is not None, "PatientClient has one"
        ws = await session.ws_connect(
            url,
            autoping=False,  # pongs are ours to see
            timeout=ClientWSTimeout(ws_close=CLOSE_SECONDS),  # pyright: ignore[reportCallIssue]  # untyped attrs class
            max_msg_size=LARGEST_FRAME,
            proxy=self._web.proxy,
        )
        return Link(
            ws,
            number=next(self._numbers),
            logger=self.logger,
            web_client=self._web,
            slots=self._slots,
            take=self._take,
        )

    def _take(self, link: Link, envelope: Envelope) -> None:
        task = asyncio.create_task(self._answer(link, envelope), name=f"slack-envelope-{envelope['envelope_id']}")
        self._in_hand.add(task)  # asyncio itself holds a weak reference only
        task.add_done_callback(self._in_hand.discard)

    async def _answer(self, link: Link, envelope: Envelope) -> None:
        started = time.monotonic()
        try:
            request = SocketModeRequest.from_dict(envelope)
            if request is None:
                raise ValueError("an envelope without type or payload")
            await self._listen(link, request)
        except Exception as error:  # the boundary: what cannot be read now cannot be read when it comes again
            log.error("slack.envelope_dropped", envelope=str(envelope["envelope_id"])[:100], error=repr(error))
            await link.send_socket_mode_response(SocketModeResponse(envelope_id=envelope["envelope_id"]))
            self._on_envelope(str(envelope.get("type")), "dropped", time.monotonic() - started)
        finally:
            self._slots.release()


class SocketHandler(AsyncSocketModeHandler):
    """Bolt's handler on overlapping links. Every envelope is acked but the ones whose item the inbox did not take."""

    def __init__(
        self, app: AsyncApp, app_token: str, *, web_client: PatientClient, on_envelope: OnEnvelope = _unheard
    ) -> None:
        # Not super().__init__: it starts the client that this one takes the place of.
        self.app = app
        self.app_token = app_token
        self._on_envelope = on_envelope
        self.links = OverlappingLinks(app_token, web_client=web_client, listen=self.handle, on_envelope=on_envelope)
        self.client = self.links  # pyright: ignore[reportAttributeAccessIssue]  # the stock class names its own client

    async def connect(self) -> None:
        """Returns when a link is up. Raises WrongToken when Slack refuses the app token."""
        await self.links.connect()

    async def close(self) -> None:
        """Stop taking envelopes, send the acks in hand, close."""
        await self.links.close()

    def pong_age(self) -> float | None:
        """Seconds since Slack was last heard; None without a link."""
        return self.links.pong_age()

    @property
    def connected_since(self) -> datetime | None:
        return self.links.connected_since

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """*client* is the link that the envelope came by."""
        started = time.monotonic()
        response = await run_async_bolt_app(self.app, req)
        envelope: dict[str, Any] = {"envelope": req.envelope_id, "type": req.type, "retry": req.retry_attempt or 0}
        if response.status == NOT_STORED:
            log.warning("slack.envelope_not_acked", **envelope)
            self._on_envelope(req.type, "not_stored", time.monotonic() - started)
            return
        is_matched = response.status == 200
        if not is_matched:
            # Nobody listens to it. Unacked, Slack would bring it again and count it against us.
            log.debug("slack.envelope_unmatched", status=response.status, **envelope)
            response = BoltResponse(status=200)
        await send_async_response(client, req, response, started)
        self._on_envelope(req.type, "acked" if is_matched else "unmatched", time.monotonic() - started)
        log.debug("slack.envelope_acked", ms=round((time.monotonic() - started) * 1000, 1), **envelope)


async def _back_off(failures: int) -> None:
    """Half to all of 1, 2, 4 ... 30 s: bots that lost Slack together do not come back together."""
    longest = min(LONGEST_BACKOFF, 2.0 ** (failures - 1))
    await asyncio.sleep(random.uniform(longest / 2, longest))  # noqa: S311  # jitter, not a secret
