"""A half-open link: the peer takes frames and never answers."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.link import Envelope, Link


@asynccontextmanager
async def link_to_peer(*, answers_pings: bool, slots: int = 4) -> AsyncGenerator[tuple[Link, list[Envelope]]]:
    """A link with short patience to a server that sends three envelopes."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        peer = web.WebSocketResponse(autoping=answers_pings)
        await peer.prepare(request)
        await peer.send_json({"type": "hello"})
        for number in range(3):
            await peer.send_json({"envelope_id": f"e{number}", "type": "events_api", "payload": {}})
        async for _ in peer:
            pass
        return peer

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taken: list[Envelope] = []
    try:
        async with aiohttp.ClientSession() as session:
            ws = await session.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/", autoping=False)
            link = Link(
                ws,
                number=1,
                logger=logging.getLogger("test"),
                web_client=AsyncWebClient(),
                slots=asyncio.Semaphore(slots),
                take=lambda _, envelope: taken.append(envelope),
                ping_seconds=0.05,
                dead_seconds=0.2,
            )
            await link.wait_for_hello()
            yield link, taken
            await link.close()
    finally:
        await runner.cleanup()


async def test_a_peer_that_answers_no_ping_is_left() -> None:
    async with link_to_peer(answers_pings=False) as (link, _):
        await asyncio.wait_for(link.leaving.wait(), 5)
        assert not link.gone.is_set()
        assert not await link.is_connected()


async def test_a_peer_that_answers_pings_is_kept_however_little_it_says() -> None:
    async with link_to_peer(answers_pings=True) as (link, taken):
        await asyncio.sleep(0.6)
        assert not link.leaving.is_set()
        assert await link.is_connected()
        assert len(taken) == 3


async def test_our_own_lack_of_slots_is_not_taken_for_a_dead_peer() -> None:
    async with link_to_peer(answers_pings=True, slots=1) as (link, taken):
        await asyncio.sleep(0.6)
        assert len(taken) == 1
        assert not link.leaving.is_set()
