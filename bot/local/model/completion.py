"""How a scripted reply travels: OpenAI's chat completion, its stream, and its errors."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from bot.local.model.script import Misbehaviour

SCRIPTED = "scripted"
"""Model id and system fingerprint, whatever model the request named: nobody takes this for a language model."""
_PIECE_CHARACTERS = 24
_REFUSALS: Final[Mapping[str, tuple[int, str, str]]] = {
    "no_schemas": (400, "unsupported_value", "scripted: response_format json_schema is not supported"),
    "server_error": (500, "server_error", "scripted: the server had an error"),
    "unknown_model": (404, "model_not_found", "scripted: the model does not exist"),
    "wrong_key": (401, "invalid_api_key", "scripted: incorrect API key provided"),
}


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """OpenAI's error object."""
    body = {"error": {"message": message, "type": code, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=headers)


def still_loading(message: str) -> web.Response:
    """llama-server's answer while its model loads."""
    body = {"error": {"message": message, "type": "unavailable_error", "code": 503}}
    return web.json_response(body, status=503)


def refuse(misbehaviour: Misbehaviour) -> web.Response | None:
    """The response of the faults that never get as far as a reply."""
    if misbehaviour.fault == "rate_limited":
        retry_after = {"Retry-After": f"{misbehaviour.retry_after_seconds:g}"}
        return error(429, "rate_limit_exceeded", "scripted: too many requests", retry_after)
    if misbehaviour.fault == "loading":
        return still_loading("Loading model")
    refused = _REFUSALS.get(misbehaviour.fault or "")
    return error(*refused) if refused else None


async def send(request: web.Request, prompt: str, text: str, *, is_cut: bool) -> web.StreamResponse:
    """One chat.completion; `is_cut` closes the connection half-way through the body."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        "logprobs": None,
    }
    whole = _envelope("chat.completion") | {"choices": [choice], "usage": _usage(prompt, text)}
    body = json.dumps(whole, ensure_ascii=False).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    if is_cut:
        await response.write(body[: len(body) // 2])
        return _hang_up(request, response)
    await response.write(body)
    await response.write_eof()
    return response


async def stream(
    request: web.Request, body: dict[str, Any], prompt: str, text: str, *, is_cut: bool
) -> web.StreamResponse:
    """chat.completion.chunk events, the usage last where it was asked for; `is_cut` closes half-way."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    envelope = _envelope("chat.completion.chunk")
    pieces = [text[start : start + _PIECE_CHARACTERS] for start in range(0, len(text), _PIECE_CHARACTERS)]
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    for number, delta in enumerate(deltas):
        if is_cut and number > len(pieces) // 2:
            return _hang_up(request, response)
        await _event(response, envelope | {"choices": [_chunk_choice(delta, None)]})
    await _event(response, envelope | {"choices": [_chunk_choice({}, "stop")]})
    if body.get("stream_options", {}).get("include_usage"):
        await _event(response, envelope | {"choices": [], "usage": _usage(prompt, text)})
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def _event(response: web.StreamResponse, data: dict[str, Any]) -> None:
    await response.write(f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode())


def _chunk_choice(delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _hang_up(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return response


def _envelope(kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-scripted-{uuid.uuid4().hex}",
        "object": kind,
        "created": 0,
        "model": SCRIPTED,
        "system_fingerprint": SCRIPTED,
    }


def _usage(prompt: str, text: str) -> dict[str, int]:
    """About four characters make a token: near enough for a script to be counted."""
    prompt_tokens, completion_tokens = len(prompt) // 4 + 1, len(text) // 4 + 1
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
