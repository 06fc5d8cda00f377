"""OpenAIModel against the scripted endpoint: what is asked, what is retried, and what each failure is called."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pytest
from aiohttp import web
from openai import AsyncOpenAI
from pydantic import Field
from structlog.testing import capture_logs

from agent.errors import ModelError, ModelLoading, ModelUnavailable, ModelUnparsable
from agent.llm.model import Meter, Prompt, Shape
from agent.llm.openai import ATTEMPTS, OpenAIModel
from bot.local.model.script import Misbehaviour
from bot.local.model.scripted import ScriptedModel
from tests.fakes.endpoint import Pauses

PROMPT = Prompt("colour", system="Name a colour.", user="<message>sky</message>", max_tokens=50)


class Colour(Shape):
    title: Annotated[str, Field(max_length=20)]


@asynccontextmanager
async def model_at(url: str, pauses: Pauses, **options: Any) -> AsyncGenerator[OpenAIModel]:
    async with AsyncOpenAI(api_key="none", base_url=url) as client:
        yield OpenAIModel(client, "small", pause=pauses, **options)


@asynccontextmanager
async def scripted(*rules: dict[str, Any]) -> AsyncGenerator[tuple[ScriptedModel, OpenAIModel, Pauses]]:
    pauses = Pauses()
    async with ScriptedModel(rules).serving() as server, model_at(server.base_url, pauses) as model:
        yield server, model, pauses


BLUE = {"schema_name": "colour", "reply": {"title": "blue"}}


async def test_a_call_asks_for_strict_json_at_temperature_zero_with_a_token_limit():
    async with scripted(BLUE) as (server, model, _):
        meter = Meter()
        assert (await model.ask(PROMPT, Colour, meter)).title == "blue"
    body = server.requests[0].body
    assert (body["temperature"], body["max_tokens"], body["model"]) == (0, 50, "small")
    schema = body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"] == {
        "type": "object",
        "properties": {"title": {"type": "string", "maxLength": 20}},
        "required": ["title"],
        "additionalProperties": False,
    }
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert meter.usage.calls == 1
    assert meter.usage.input_tokens > 0
    assert meter.usage.output_tokens > 0


async def test_an_unparsable_answer_is_asked_for_once_more_with_what_was_wrong():
    async with scripted({"reply": {"colour": "blue"}, "times": 1}, BLUE) as (server, model, _):
        meter = Meter()
        assert (await model.ask(PROMPT, Colour, meter)).title == "blue"
    assert meter.usage.calls == 2
    hint = server.requests[1].messages[-1]
    assert hint["role"] == "user"
    assert "title" in hint["content"]
    assert server.requests[1].messages[-2]["content"].startswith('{"colour"')


async def test_a_second_unparsable_answer_ends_the_call():
    async with scripted({"reply": "no JSON at all"}) as (server, model, _):
        with pytest.raises(ModelUnparsable):
            await model.ask(PROMPT, Colour, Meter())
    assert len(server.requests) == 2


async def test_json_in_a_markdown_fence_is_read():
    async with scripted({"reply": 'Sure!\n```json\n{"title": "blue"}\n```'}) as (_, model, _):
        assert (await model.ask(PROMPT, Colour, Meter())).title == "blue"


@pytest.mark.parametrize("fault", ["rate_limited", "server_error", "cut_stream"])
async def test_an_endpoint_that_recovers_is_waited_for(fault: Any):
    async with scripted(BLUE) as (server, model, pauses):
        server.misbehave(Misbehaviour(fault=fault, retry_after_seconds=7), times=2)
        assert (await model.ask(PROMPT, Colour, Meter())).title == "blue"
    assert pauses.seconds == ([7.0, 7.0] if fault == "rate_limited" else [0.5, 1.0])


@pytest.mark.parametrize("fault", ["rate_limited", "server_error", "cut_stream"])
async def test_an_endpoint_that_does_not_recover_is_unavailable_after_three_attempts(fault: Any):
    async with scripted(BLUE) as (server, model, _):
        server.misbehave(Misbehaviour(fault=fault), times=50)
        with pytest.raises(ModelUnavailable):
            await model.ask(PROMPT, Colour, Meter())
    assert len(server.requests) == ATTEMPTS


async def test_a_retry_after_of_an_hour_is_not_waited_for():
    async with scripted(BLUE) as (server, model, pauses):
        server.misbehave(Misbehaviour(fault="rate_limited", retry_after_seconds=3600))
        with pytest.raises(ModelUnavailable):
            await model.ask(PROMPT, Colour, Meter())
    assert pauses.seconds == []


async def test_a_loading_model_is_told_apart_and_not_asked_again():
    async with scripted(BLUE) as (server, model, _):
        server.misbehave(Misbehaviour(fault="loading"), times=5)
        with pytest.raises(ModelLoading):
            await model.ask(PROMPT, Colour, Meter())
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"error": {"message": "No local model: the disk\n is full. ", "code": 503}},
            "No local model: the disk is full",
        ),
        ({"error": {"message": "x" * 1000, "code": 503}}, "x" * 300),
        ({"error": {"message": "no capacity for key 'none'", "code": 503}}, "no capacity for key '[…]'"),  # ours
        ({"error": {"code": 503}}, "HTTP 503"),
        ("<html>Service Unavailable</html>", "HTTP 503"),
    ],
)
async def test_the_reason_that_an_unavailable_endpoint_gives_is_kept(body: Any, detail: str):
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(text=body, status=503) if isinstance(body, str) else web.json_response(body, status=503)

    async with serving(refuse) as url, model_at(url, Pauses()) as model:
        with pytest.raises(ModelUnavailable) as caught, capture_logs() as logs:
            await model.ask(PROMPT, Colour, Meter())
    assert caught.value.notice.params["detail"] == detail
    assert {(line["event"], line["error"], line["status"]) for line in logs} == {
        ("model.call_failed", "InternalServerError", 503)
    }


async def test_broken_json_is_repaired():
    async with scripted(BLUE) as (server, model, _):
        server.misbehave(Misbehaviour(fault="broken_json"))
        assert (await model.ask(PROMPT, Colour, Meter())).title == "blue"


async def test_a_slow_endpoint_is_given_up_after_the_timeout():
    async with ScriptedModel([BLUE]).serving() as server:
        server.hold()
        async with model_at(server.base_url, Pauses(), timeout_seconds=0.2) as model:
            with pytest.raises(ModelUnavailable):
                await model.ask(PROMPT, Colour, Meter())
        server.release()


async def test_an_endpoint_that_is_not_there_is_unavailable():
    async with model_at("http://127.0.0.1:9/v1", Pauses()) as model:
        with pytest.raises(ModelUnavailable):
            await model.ask(PROMPT, Colour, Meter())


@asynccontextmanager
async def serving(handler: Any) -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def completion(content: str | None, **changes: Any) -> web.Response:
    message = {"role": "assistant", "content": content, **changes.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": "stop", **changes}
    return web.json_response({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})


def refusal(param: str, message: str) -> web.Response:
    return web.json_response(
        {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}, status=400
    )


class ReasoningEndpoint:
    """Refuses what reasoning models refuse, and knows no json_schema."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        if "max_tokens" in body:
            return refusal("max_tokens", "Unsupported parameter: use 'max_completion_tokens' instead.")
        if "temperature" in body:
            return refusal("temperature", "Unsupported value: 'temperature' does not support 0.")
        if body["response_format"]["type"] == "json_schema":
            return refusal("response_format", "json_schema is not supported")
        return completion('{"title": "blue"}')


async def test_an_endpoint_that_takes_less_is_learnt_once():
    endpoint = ReasoningEndpoint()
    async with serving(endpoint.answer) as url, model_at(url, Pauses()) as model:
        assert (await model.ask(PROMPT, Colour, Meter())).title == "blue"
        learning = len(endpoint.bodies)
        assert (await model.ask(PROMPT, Colour, Meter())).title == "blue"
    assert len(endpoint.bodies) == learning + 1
    last = endpoint.bodies[-1]
    assert last["max_completion_tokens"] > PROMPT.max_tokens
    assert last["response_format"] == {"type": "json_object"}
    assert "maxLength" in last["messages"][0]["content"]


async def test_a_wrong_key_is_the_operators_to_mend_and_is_not_retried():
    calls: list[str] = []

    async def forbid(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.json_response({"error": {"message": "bad key"}}, status=401)

    async with serving(forbid) as url, model_at(url, Pauses()) as model:
        with pytest.raises(ModelError) as caught:
            await model.ask(PROMPT, Colour, Meter())
    assert type(caught.value) is ModelError
    assert len(calls) == 1
