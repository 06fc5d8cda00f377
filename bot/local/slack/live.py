"""The page's live wire: the whole state when a page opens it, then every change."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import WSMsgType, web

from bot.local.slack.shapes import Json

MAX_BEHIND: Final = 10_000
"""Changes a sleeping tab may fall behind before it is cut off; it then comes back and reads the whole state."""


class Live:
    def __init__(self, state: Callable[[], Json]) -> None:
        self._state = state
        self._queues: set[asyncio.Queue[Json]] = set()
        self._sockets: set[web.WebSocketResponse] = set()

    def tell(self, change: Json) -> None:
        for queue in self._queues:
            if queue.qsize() < MAX_BEHIND:
                queue.put_nowait(change)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        queue: asyncio.Queue[Json] = asyncio.Queue()
        queue.put_nowait({"type": "state"} | self._state())
        self._queues.add(queue)
        self._sockets.add(socket)
        writer = asyncio.create_task(self._write(socket, queue), name="local-slack-live")
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self._queues.discard(queue)
            self._sockets.discard(socket)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def close(self) -> None:
        for socket in list(self._sockets):
            await socket.close()

    async def _write(self, socket: web.WebSocketResponse, queue: asyncio.Queue[Json]) -> None:
        while True:
            change = await queue.get()
            if queue.qsize() >= MAX_BEHIND - 1:
                await socket.close()
                return
            await socket.send_json(change)
