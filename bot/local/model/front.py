"""The address that the daemon knows: it answers from the first moment, and passes on once there is a model."""

from collections.abc import AsyncGenerator, Callable

import aiohttp
import structlog
from aiohttp import web

from bot.local.model.completion import still_loading
from bot.local.model.prefixes import PrefixCache
from bot.local.model.state import Ready, State

log = structlog.get_logger(__name__)

_LARGEST_REQUEST = 32 * 1024**2
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "date"})


class Front:
    """Proxies /v1/* to the native server, or answers 503 with the state's sentence, in llama-server's shape."""

    def __init__(self, state: Callable[[], State], upstream: Callable[[], str], prefixes: PrefixCache) -> None:
        self._state = state
        self._upstream = upstream
        self._prefixes = prefixes
        self._session: aiohttp.ClientSession | None = None

    def app(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        app.router.add_get("/health", self._health)
        app.router.add_route("*", "/v1/{path:.*}", self._pass_on)
        app.cleanup_ctx.append(self._open_session)
        return app

    async def _open_session(self, _: web.Application) -> AsyncGenerator[None]:
        # A reply on two cores may take minutes: only a connection that is not made is an error. trust_env stays off,
        # for no proxy stands between this machine and itself.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as self._session:
            yield

    async def _health(self, _: web.Request) -> web.Response:
        state = self._state()
        if not isinstance(state, Ready):
            return still_loading(state.text)
        return web.json_response({"status": "ok", "model": state.card.name})

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        """The asker's disconnection cancels this, which closes the upstream connection, which stops the generation."""
        state = self._state()
        if not isinstance(state, Ready):
            return still_loading(state.text)
        assert self._session is not None
        server, body, prefix = self._upstream(), await request.read(), None
        if request.path == "/v1/chat/completions":
            body, prefix = await self._prefixes.prepare(self._session, server, body)
        sent = None
        try:
            async with self._session.request(
                request.method,
                f"{server}{request.rel_url}",
                data=body,
                headers={"Content-Type": request.content_type},
            ) as answer:
                headers = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
                sent = web.StreamResponse(status=answer.status, headers=headers)
                await sent.prepare(request)
                async for block in answer.content.iter_any():
                    await sent.write(block)
                await sent.write_eof()
            if prefix is not None and answer.status == 200:
                self._prefixes.keep_later(self._session, server, prefix)
            return sent
        except aiohttp.ClientError as error:
            if sent is not None and isinstance(error, aiohttp.ClientConnectionResetError):
                raise  # the asker left, and aiohttp knows what to do
            log.warning("local_model.request_broken", error=type(error).__name__)
            return _broken(request, sent)


def _broken(request: web.Request, sent: web.StreamResponse | None) -> web.StreamResponse:
    """The server died over this request: say so while it can still be said, else cut the line in the middle."""
    if sent is None:
        return still_loading("Loading model: the server ended over this request and is started again")
    if request.transport is not None:
        request.transport.close()
    return sent
