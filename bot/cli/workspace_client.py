"""The local workspace over HTTP, as its page uses it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientError, ClientSession

from bot.cli.errors import CommandError

Json = dict[str, Any]
CONNECT_SECONDS = 120.0
_LOOK_SECONDS = 0.1


class WorkspaceClient:
    """Speaks as a person of the workspace at *url*."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._url = url.rstrip("/")

    async def state(self) -> Json:
        """All that the page shows."""
        async with self._session.get(f"{self._url}/local/state") as response:
            return await response.json()

    async def wait_for_bot(self) -> Json:
        """The state, once the bot holds a socket. Raises CommandError."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                while not (state := await self.state())["sockets"]:  # noqa: ASYNC110  # another process has it
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise CommandError(f"The bot did not connect to the workspace within {CONNECT_SECONDS:.0f} s.") from None
        return state

    async def post(self, user: str, channel: str, text: str, thread_ts: str | None) -> str:
        """The ts of the post. Raises CommandError with the workspace's reason."""
        body = {"user": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        async with self._session.post(f"{self._url}/local/post", json=body) as response:
            answer = await response.json()
        if not answer["ok"]:
            raise CommandError(f"The workspace did not take the message: {answer['error']}.")
        return str(answer["ts"])

    async def replies(self, channel: str, thread_ts: str | None, after: str, bot_user: str) -> tuple[str, ...]:
        """Texts of what the bot said in the thread (None: at the top level) after the message *after*."""
        said = (
            message
            for message in (await self.state())["messages"].get(channel, [])
            if message.get("user") == bot_user
            and message.get("thread_ts") == thread_ts
            and float(message["ts"]) > float(after)
        )
        return tuple(str(message["text"]) for message in said)


@asynccontextmanager
async def open_workspace_client(url: str) -> AsyncGenerator[WorkspaceClient]:
    """Raises CommandError where nothing answers at *url*."""
    async with ClientSession() as session:
        try:
            yield WorkspaceClient(session, url)
        except ClientError as error:
            raise CommandError(f"The workspace at {url} does not answer: {error}.") from None
