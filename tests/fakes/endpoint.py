"""An OpenAI-compatible endpoint that does as it is told with each request, and remembers them all."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from aiohttp import web
from openai import AsyncOpenAI

from agent.llm.openai import OpenAIModel

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""What the endpoint does with one request."""


class Pauses:
    """Remembers how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Endpoint:
    """Requests are answered by *responses* in order, the last one for good."""

    def __init__(self, *responses: Respond) -> None:
        self.responses: list[Respond] = list(responses)
        self.bodies: list[dict[str, Any]] = []
        self.pauses = Pauses()

    @property
    def calls(self) -> list[str]:
        """Which call each request belonged to."""
        return [body.get("response_format", {}).get("json_schema", {}).get("name", "") for body in self.bodies]

    @asynccontextmanager
    async def model(self, **options: Any) -> AsyncGenerator[OpenAIModel]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            async with AsyncOpenAI(api_key="none", base_url=url) as client:
                yield OpenAIModel(client, "small", pause=self.pauses, **options)
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        respond = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        return await respond(request)


def says(reply: dict[str, Any] | str | None, *, usage: Sequence[int] | None = (100, 20), **choice: Any) -> Respond:
    """A completion; *usage* is prompt and completion tokens, None where the endpoint does not say."""

    async def respond(_: web.Request) -> web.Response:
        content = json.dumps(reply) if isinstance(reply, dict) else reply
        message = {"role": "assistant", "content": content, **choice.get("message", {})}
        body: dict[str, Any] = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "finish_reason": "stop", **choice, "message": message}],
        }
        if usage is not None:
            body["usage"] = {
                "prompt_tokens": usage[0],
                "completion_tokens": usage[1],
                "total_tokens": sum(usage),
            }
        return web.json_response(body)

    return respond


def by_call(**replies: Respond) -> Respond:
    """Each call its own response, by the name of its prompt."""

    async def respond(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await replies[body["response_format"]["json_schema"]["name"]](request)

    return respond


def fails(status: int, message: str = "no", *, headers: dict[str, str] | None = None, **error: Any) -> Respond:
    async def respond(_: web.Request) -> web.Response:
        return web.json_response({"error": {"message": message, **error}}, status=status, headers=headers)

    return respond


def sends(text: str, content_type: str = "application/json") -> Respond:
    async def respond(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type=content_type)

    return respond


async def hangs(_: web.Request) -> web.StreamResponse:
    """Until the client goes away."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def cuts_off(request: web.Request) -> web.StreamResponse:
    """Half of a reply, and the connection is gone."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"id": "1", "choices": [')
    assert request.transport is not None
    request.transport.close()
    return response


class NeverEnds:
    """A reply of a hundred megabytes, as far as anybody reads it."""

    whole: Final = 100 << 20

    def __init__(self) -> None:
        self.sent = 0

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.sent = 0
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"choices": [{"message": {"content": "')
        with suppress(ConnectionError):
            while self.sent < self.whole:
                await response.write(b"a" * 65536)
                self.sent += 65536
        return response


TOOL_CALL = {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "run_sql", "arguments": "{}"}}]}

UNAVAILABLE: dict[str, Respond] = {
    "timeout": hangs,
    "rate_limited": fails(429, headers={"Retry-After": "3"}),
    "rate_limited_for_an_hour": fails(429, headers={"Retry-After": "3600"}),
    "server_error": fails(500),
    "cut_connection": cuts_off,
}
"""Faults that another request may not meet."""

UNPARSABLE: dict[str, Respond] = {
    "invalid_json": says("{]"),
    "half_json_body": sends('{"id": '),
    "tool_calls": says(None, finish_reason="tool_calls", message=TOOL_CALL),
    "one_megabyte": says('{"title": "' + "a" * 1_000_000 + '"}'),
    "empty_choices": sends('{"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": []}'),
    "broke_off": says('{"title": "a', finish_reason="length"),
    "other_json": sends('{"surprise": true}'),
    "a_list": sends("[1, 2]"),
    "html": sends("<html>gateway</html>", "text/html"),
    "null_choices": sends('{"choices": null}'),
    "choice_without_message": sends('{"choices": [{}]}'),
    "nothing_to_choose": sends('{"choices": [null]}'),
    "nested_deep": sends("[" * 100_000),
    "no_end": NeverEnds(),
    "nothing": sends("", "text/plain"),
    "null_content": says(None),
}
"""Answers that are none; said so once, the model may do better."""

REFUSED: dict[str, Respond] = {
    "refusal": says(None, message={"refusal": "I will not."}),
    "content_filter": says("", finish_reason="content_filter"),
    "prompt_filtered": fails(400, "filtered", code="content_filter"),
}
"""Asked again, it would decline again."""

FAULTS = {**UNAVAILABLE, **UNPARSABLE, **REFUSED}
