"""A workspace, the genuine Slack client and a raw socket, for the tests beside this file."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.local.slack.workspace import APP_TOKEN, BOT_TOKEN, Workspace


@dataclass
class RawSocket:
    """A Socket Mode client that acks only when told to, and remembers every frame."""

    socket: aiohttp.ClientWebSocketResponse
    frames: list[dict[str, Any]] = field(default_factory=list)

    async def receive(self, timeout: float = 5) -> dict[str, Any]:  # noqa: ASYNC109
        frame = await self.socket.receive_json(timeout=timeout)
        self.frames.append(frame)
        return frame

    async def ack(self, frame: dict[str, Any], payload: dict[str, Any] | None = None) -> None:
        answer = {"envelope_id": frame["envelope_id"]} | ({"payload": payload} if payload else {})
        await self.socket.send_json(answer)

    async def receive_and_ack(self, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        frame = await self.receive()
        await self.ack(frame, payload)
        return frame


@asynccontextmanager
async def web_client(workspace: Workspace, token: str = BOT_TOKEN) -> AsyncGenerator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=token, base_url=workspace.api_url, session=session)


@asynccontextmanager
async def raw_socket(workspace: Workspace) -> AsyncGenerator[RawSocket]:
    """A connected socket that has read its hello."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(base_url=workspace.api_url, session=session)
        opened = await client.apps_connections_open(app_token=APP_TOKEN)
        async with session.ws_connect(opened["url"]) as socket:
            raw = RawSocket(socket)
            assert (await raw.receive())["type"] == "hello"
            yield raw
