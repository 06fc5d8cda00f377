"""An OpenAI-compatible endpoint whose replies come from a script, and which says so: for tests and demonstrations."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.local.model import completion
from bot.local.model.loopback import on_loopback
from bot.local.model.script import Misbehaviour, RuleLike, Script

log = structlog.get_logger(__name__)

DEMO_SCRIPT = Path(__file__).with_name("demo_script.json")


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request to /v1/chat/completions, as it came."""

    body: dict[str, Any] = field(repr=False)
    schema_name: str | None
    user: str
    """The last user message."""
    prompt: str = field(repr=False)
    """All messages, one after the other."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.body.get("messages", [])

    @property
    def is_stream(self) -> bool:
        return bool(self.body.get("stream"))


class ScriptedModel:
    """`async with ScriptedModel(script).serving() as model:` answers at `model.base_url`.

    A request that no rule answers gets 400 with its schema name and message: an endpoint never guesses.
    """

    def __init__(self, script: Path | Iterable[RuleLike] = DEMO_SCRIPT) -> None:
        self._source: Path | Script = script if isinstance(script, Path) else Script(script)
        self._script = Script([])
        self._misbehaviours: deque[Misbehaviour] = deque()
        self._released = asyncio.Event()
        self._released.set()
        self._arrived = asyncio.Condition()
        self.requests: list[RecordedRequest] = []
        self.base_url = ""
        """`http://127.0.0.1:PORT/v1` while serving."""

    @property
    def banner(self) -> str:
        script = self._source.name if isinstance(self._source, Path) else "a list of rules"
        return f"SCRIPTED model: no language model answers, the replies are read from {script}"

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncGenerator["ScriptedModel"]:
        source = self._source
        self._script = await asyncio.to_thread(Script.read, source) if isinstance(source, Path) else source
        app = web.Application(client_max_size=32 * 1024**2)
        app.router.add_get("/health", self._health)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._complete)
        async with on_loopback(app, port) as address:
            self.base_url = f"{address}/v1"
            yield self

    def play(self, rules: Iterable[RuleLike]) -> None:
        """From now on *rules* answer, and what is left of the script before them does not."""
        self._script = Script(rules)

    def misbehave(self, misbehaviour: Misbehaviour, times: int = 1) -> None:
        """The next requests meet this in place of their rule's own misbehaviour."""
        self._misbehaviours.extend([misbehaviour] * times)

    def hold(self) -> None:
        """Requests are recorded and wait until `release`: a test stops or kills a turn at a known point."""
        self._released.clear()

    def release(self) -> None:
        self._released.set()

    async def wait_for_requests(self, count: int) -> None:
        """Returns when so many requests have arrived since the start."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "model": completion.SCRIPTED})

    async def _models(self, _: web.Request) -> web.Response:
        model = {"id": completion.SCRIPTED, "object": "model", "created": 0, "owned_by": completion.SCRIPTED}
        return web.json_response({"object": "list", "data": [model]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        recorded = _record(await request.json())
        async with self._arrived:
            self.requests.append(recorded)
            self._arrived.notify_all()
        # Taken before any wait, so that replies follow the order in which requests came.
        rule = self._script.take(recorded.schema_name, recorded.user, recorded.prompt)
        ordered = self._misbehaviours.popleft() if self._misbehaviours else None
        await self._released.wait()
        if rule is None and ordered is None:
            log.warning("scripted_model.no_rule", schema_name=recorded.schema_name)
            return _no_rule(recorded)
        misbehaviour = ordered or (rule.misbehave if rule else Misbehaviour())
        await asyncio.sleep(misbehaviour.delay_seconds)
        if refusal := completion.refuse(misbehaviour):
            return refusal
        if rule is None:
            return _no_rule(recorded)
        text = rule.text[: len(rule.text) // 2] if misbehaviour.fault == "broken_json" else rule.text
        is_cut = misbehaviour.fault == "cut_stream"
        if recorded.is_stream:
            return await completion.stream(request, recorded.body, recorded.prompt, text, is_cut=is_cut)
        return await completion.send(request, recorded.prompt, text, is_cut=is_cut)


def _record(body: dict[str, Any]) -> RecordedRequest:
    messages: list[dict[str, Any]] = body.get("messages", [])
    said = [(message.get("role"), _text_of(message.get("content"))) for message in messages]
    json_schema: dict[str, Any] = body.get("response_format", {}).get("json_schema", {})
    return RecordedRequest(
        body=body,
        schema_name=json_schema.get("name"),
        user=next((text for role, text in reversed(said) if role == "user"), ""),
        prompt="\n\n".join(text for _, text in said),
    )


def _text_of(content: Any) -> str:
    """A message's content is a text or a list of parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def _no_rule(recorded: RecordedRequest) -> web.Response:
    return completion.error(
        400,
        "scripted_model_has_no_rule",
        f"no rule of the script answers schema {recorded.schema_name!r}, user message {recorded.user[:300]!r}",
    )
