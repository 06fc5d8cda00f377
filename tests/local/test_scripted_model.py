"""The scripted model, asked through the genuine client."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel, ValidationError

from bot.local.model.script import Misbehaviour, Rule, RuleLike
from bot.local.model.scripted import ScriptedModel


class Verdict(BaseModel):
    word: str


class OtherShape(BaseModel):
    number: int


GREETING: list[RuleLike] = [
    {"user_says": "hello", "reply": "Hello! This answer was written beforehand, every word of it."},
    {"schema_name": "Verdict", "reply": {"word": "ja: 注文"}},
]


@asynccontextmanager
async def asked(
    rules: list[RuleLike] | Path, max_retries: int = 0
) -> AsyncGenerator[tuple[ScriptedModel, AsyncOpenAI]]:
    async with (
        ScriptedModel(rules).serving() as model,
        AsyncOpenAI(base_url=model.base_url, api_key="none", max_retries=max_retries) as client,
    ):
        yield model, client


async def say(client: AsyncOpenAI, text: str) -> str | None:
    reply = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}], max_tokens=9)
    return reply.choices[0].message.content


async def test_the_first_rule_that_matches_the_last_user_message_answers():
    rules: list[RuleLike] = [{"user_says": "two", "reply": "2"}, {"user_says": "t", "reply": "t"}, {"reply": "default"}]
    async with asked(rules) as (_, client):
        assert [await say(client, text) for text in ("TWO", "three", "nine")] == ["2", "t", "default"]


async def test_the_schema_of_a_structured_call_chooses_the_rule():
    async with asked([{"schema_name": "OtherShape", "reply": {"number": 7}}, *GREETING]) as (model, client):
        messages = [{"role": "user", "content": "judge"}]
        verdict = await client.chat.completions.parse(model="m", messages=messages, response_format=Verdict)
        number = await client.chat.completions.parse(model="m", messages=messages, response_format=OtherShape)
    assert verdict.choices[0].message.parsed == Verdict(word="ja: 注文")
    assert number.choices[0].message.parsed == OtherShape(number=7)
    assert [request.schema_name for request in model.requests] == ["Verdict", "OtherShape"]


async def test_a_rule_is_used_as_often_as_it_says():
    async with asked([{"times": 2, "reply": "early"}, {"reply": "late"}]) as (_, client):
        assert [await say(client, "x") for _ in range(3)] == ["early", "early", "late"]


async def test_a_rule_can_look_at_the_whole_prompt():
    async with asked([Rule(prompt_says="repair", reply="mended"), Rule(reply="first")]) as (_, client):
        messages = [{"role": "system", "content": "Repair it."}, {"role": "user", "content": "x"}]
        reply = await client.chat.completions.create(model="m", messages=messages)
        assert (reply.choices[0].message.content, await say(client, "x")) == ("mended", "first")


async def test_every_reply_says_that_it_is_scripted_whatever_model_was_asked_for():
    async with asked(GREETING) as (model, client):
        reply = await client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": "hello"}])
        listed = [entry.id async for entry in client.models.list()]
    assert (reply.model, reply.system_fingerprint, listed) == ("scripted", "scripted", ["scripted"])
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 2
    assert "SCRIPTED" in model.banner


async def test_a_stream_carries_the_same_text_and_its_usage():
    async with asked(GREETING) as (_, client):
        chunks = [
            chunk
            async for chunk in await client.chat.completions.create(
                model="m",
                messages=[{"role": "user", "content": "hello"}],
                stream=True,
                stream_options={"include_usage": True},
            )
        ]
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == await say(client, "hello")
    assert len(chunks) > 4
    assert chunks[-1].usage is not None


async def test_an_unscripted_request_is_refused_and_named():
    async with asked(GREETING, max_retries=2) as (model, client):
        with pytest.raises(openai.BadRequestError, match=r"no rule of the script answers schema None.*weather"):
            await say(client, "weather")
    assert len(model.requests) == 1


async def test_requests_are_recorded_as_they_came():
    async with asked([{"reply": "ok"}]) as (model, client):
        await client.chat.completions.create(
            model="m",
            messages=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "in "}, {"type": "text", "text": "parts"}]},
            ],
            max_tokens=5,
            temperature=0,
        )
    (request,) = model.requests
    assert (request.user, request.body["max_tokens"], request.body["temperature"]) == ("in parts", 5, 0)
    assert request.messages[0] == {"role": "system", "content": "Be brief."}
    assert request.prompt == "Be brief.\n\nin parts"
    assert not request.is_stream


async def test_a_rate_limit_says_when_to_come_back():
    async with asked([{"reply": "ok"}]) as (model, client):
        model.misbehave(Misbehaviour(fault="rate_limited", retry_after_seconds=2.5))
        with pytest.raises(openai.RateLimitError) as caught:
            await say(client, "x")
        assert caught.value.response.headers["retry-after"] == "2.5"
        assert await say(client, "x") == "ok"


@pytest.mark.parametrize(("fault", "status"), [("server_error", 500), ("loading", 503)])
async def test_a_failing_server_is_met_as_a_status(fault: str, status: int):
    async with asked([{"reply": "ok", "misbehave": {"fault": fault}}]) as (_, client):
        with pytest.raises(openai.InternalServerError) as caught:
            await say(client, "x")
    assert caught.value.status_code == status


async def test_loading_has_the_shape_of_llama_server():
    async with asked([{"reply": "ok", "misbehave": {"fault": "loading"}}]) as (model, _), httpx2.AsyncClient() as http:
        response = await http.post(f"{model.base_url}/chat/completions", json={"messages": []})
    assert response.json() == {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}


async def test_the_clients_own_retries_get_over_a_failure():
    async with asked([{"reply": "ok"}], max_retries=2) as (model, client):
        model.misbehave(Misbehaviour(fault="rate_limited", retry_after_seconds=0.01), times=2)
        assert await say(client, "x") == "ok"
    assert len(model.requests) == 3


async def test_broken_json_arrives_as_a_reply_that_stops_in_the_middle():
    async with asked([{"reply": {"word": "whole"}, "misbehave": {"fault": "broken_json"}}]) as (_, client):
        text = await say(client, "x")
    assert text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


async def test_a_cut_stream_ends_in_a_connection_error_after_some_text():
    seen: list[str] = []
    async with asked(GREETING) as (model, client):
        model.misbehave(Misbehaviour(fault="cut_stream"))
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hello"}], stream=True
        )

        async def read() -> None:
            async for chunk in stream:
                seen.append(chunk.choices[0].delta.content or "")

        with pytest.raises(openai.APIConnectionError):
            await read()
        assert "".join(seen)
        assert len("".join(seen)) < len(await say(client, "hello") or "")


async def test_a_cut_reply_is_a_connection_error_too():
    async with asked(GREETING) as (model, client):
        model.misbehave(Misbehaviour(fault="cut_stream"))
        with pytest.raises(openai.APIConnectionError):
            await say(client, "hello")


async def test_a_held_request_is_recorded_and_answered_when_released():
    async with asked([{"reply": "ok"}]) as (model, client):
        model.hold()
        asking = asyncio.create_task(say(client, "x"), name="asking")
        await model.wait_for_requests(1)
        assert not asking.done()
        model.release()
        assert await asking == "ok"


async def test_serving_ends_although_a_request_is_held():
    async with asked([{"reply": "ok"}]) as (model, client):
        model.hold()
        asking = asyncio.create_task(say(client, "x"), name="asking")
        await model.wait_for_requests(1)
    with pytest.raises(openai.APIConnectionError):
        await asking


async def test_a_script_is_read_from_a_file(tmp_path: Path):
    path = tmp_path / "script.json"
    path.write_text(json.dumps(GREETING))
    async with asked(path) as (model, client):
        assert (await say(client, "hello") or "").startswith("Hello!")
        assert "script.json" in model.banner


async def test_a_script_with_a_misspelt_key_or_a_broken_pattern_does_not_start(tmp_path: Path):
    path = tmp_path / "script.json"
    path.write_text('[{"user_say": "x", "reply": "y"}]')
    with pytest.raises(ValidationError, match="user_say"):
        async with ScriptedModel(path).serving():
            pass
    with pytest.raises(ValidationError, match="user_says"):
        ScriptedModel([{"user_says": "(", "reply": "y"}])
