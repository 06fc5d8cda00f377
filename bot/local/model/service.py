"""The model on this machine, from no weights at all to an OpenAI-compatible endpoint, at one address throughout."""

import asyncio
import contextlib
import importlib.metadata
import importlib.util
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from bot.local.model.catalogue import SMALLER, ModelCard, ModelName, choose
from bot.local.model.front import Front
from bot.local.model.hub import HubSource
from bot.local.model.loopback import on_loopback
from bot.local.model.memory import available_bytes
from bot.local.model.native import SERVE_COMMAND, ServerDied, native_server
from bot.local.model.prefixes import PrefixCache
from bot.local.model.state import Fetching, Loading, Ready, State, Unavailable
from bot.local.model.weights import Weights, WeightsError, WeightsSource
from bot.local.model.wheels import WheelSource

log = structlog.get_logger(__name__)

_DEATHS_BEFORE_GIVING_UP = 3
"""In a row, without having become ready in between for long enough to be asked anything."""
_SETTLED_SECONDS = 60.0
_RESTART_PAUSE_SECONDS = 1.0


class LocalModel:
    """`async with LocalModel(cache_dir / "models").serving() as model:` answers at `model.base_url`.

    `on_change` hears the banner's text at every change: fetching by percent, loading, ready, unavailable.
    """

    def __init__(
        self,
        folder: Path,
        *,
        model: ModelName | ModelCard = "auto",
        on_change: Callable[[str], None] = lambda text: None,
        sources: Sequence[WeightsSource] | None = None,
        command: Sequence[str] | None = None,
        restart_pause_seconds: float = _RESTART_PAUSE_SECONDS,
    ) -> None:
        self._folder = folder
        self._weights = Weights(folder, (HubSource(), WheelSource()) if sources is None else sources)
        self._model: ModelName | ModelCard = model
        self._on_change = on_change
        self._command = command
        self._restart_pause_seconds = restart_pause_seconds
        self._card = model if isinstance(model, ModelCard) else SMALLER
        self._upstream = ""
        self._changed = asyncio.Condition()
        self.state: State = Loading(self._card)
        self.base_url = ""
        """`http://127.0.0.1:PORT/v1` while serving."""

    @property
    def name(self) -> str:
        """The model id; known while serving."""
        return self._card.name

    @property
    def banner(self) -> str:
        return self.state.text

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncGenerator["LocalModel"]:
        """The address answers at once, with 503 and the progress until the model does."""
        self._card = await self._chosen()
        self.state = Loading(self._card)
        prefixes = await self._open_prefixes()
        front = Front(lambda: self.state, lambda: self._upstream, prefixes)
        async with on_loopback(front.app(), port) as address:
            self.base_url = f"{address}/v1"
            running = asyncio.create_task(self._run(prefixes), name="local-model")
            try:
                yield self
            finally:
                await prefixes.close()
                running.cancel()
                await asyncio.wait({running})

    async def wait_until_settled(self) -> State:
        """Ready or Unavailable, however long that takes."""
        async with self._changed:
            await self._changed.wait_for(lambda: isinstance(self.state, Ready | Unavailable))
        return self.state

    async def _chosen(self) -> ModelCard:
        if isinstance(self._model, ModelCard):
            return self._model
        return choose(self._model, await asyncio.to_thread(available_bytes))

    async def _open_prefixes(self) -> PrefixCache:
        """Files of another server version are worth nothing, so its number is part of their name."""
        version = await asyncio.to_thread(_server_version)
        folder = self._folder / "prefixes"
        with contextlib.suppress(OSError):  # a folder that cannot be is reported with the weights
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        return PrefixCache(folder, f"{self._card.sha256} {version}")

    async def _run(self, prefixes: PrefixCache) -> None:
        """The boundary of this service: whatever goes wrong becomes a state that people can read."""
        try:
            await self._fetch_and_serve(prefixes)
        except WeightsError as error:
            await self._change(Unavailable(str(error)))
        except Exception as error:
            log.exception("local_model.failed")
            await self._change(Unavailable(f"it failed unexpectedly ({type(error).__name__}: {error})"))

    async def _fetch_and_serve(self, prefixes: PrefixCache) -> None:
        if self._command is None and importlib.util.find_spec("xllamacpp") is None:
            await self._change(Unavailable("xllamacpp is not installed (the extra `local-model` brings it)"))
            return
        weights = await self._weights.obtain(self._card, self._note_bytes)
        deaths = 0
        while deaths < _DEATHS_BEFORE_GIVING_UP:
            started = asyncio.get_running_loop().time()
            reason = await self._serve_until_death(weights, prefixes)
            log.warning("local_model.server_died", model=self._card.name, reason=reason)
            was_settled = asyncio.get_running_loop().time() - started > _SETTLED_SECONDS
            deaths = 1 if was_settled else deaths + 1
            if deaths == _DEATHS_BEFORE_GIVING_UP:
                await self._change(Unavailable(f"its server does not stay up: {reason}"))
                return
            await self._change(Loading(self._card))
            await asyncio.sleep(self._restart_pause_seconds)

    async def _serve_until_death(self, weights: Path, prefixes: PrefixCache) -> str:
        await self._change(Loading(self._card))
        prefixes.forget()
        command = self._command or SERVE_COMMAND
        async with native_server(command, self._card, weights, prefixes.folder) as server:
            try:
                self._upstream = await server.address()
            except ServerDied as error:
                return str(error)
            await self._change(Ready(self._card))
            return await server.death()

    def _note_bytes(self, done: int, total: int) -> None:
        """Heard by people once per percent; by requests that ask meanwhile, exactly."""
        before, self.state = self.state, Fetching(self._card, done, total)
        if not isinstance(before, Fetching) or before.percent != self.state.percent:
            self._on_change(self.state.text)

    async def _change(self, state: State) -> None:
        async with self._changed:
            is_news = state != self.state
            self.state = state
            self._changed.notify_all()
        if is_news:
            log.info("local_model.state", state=type(state).__name__, model=self._card.name)
            self._on_change(state.text)


def _server_version() -> str:
    try:
        return importlib.metadata.version("xllamacpp")
    except importlib.metadata.PackageNotFoundError:
        return "none"
