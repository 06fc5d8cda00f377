"""An endpoint tried out with one small call, as the agent makes them, and what came of it in one word."""

import re
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import openai
from openai import AsyncOpenAI

from agent.errors import ModelError, ModelLoading, ModelUnavailable, ModelUnparsable
from agent.llm.model import Meter, Prompt, Shape
from agent.llm.openai import OpenAIModel

_LIST_SECONDS: Final = 5.0
_MOST_NAMES: Final = 200
_NO_MODEL: Final = re.compile(r"model.*(not (found|exist)|unknown|invalid)|(unknown|invalid|no) model", re.I | re.S)
"""Not every endpoint has OpenAI's code for it."""


class EndpointFault(StrEnum):
    UNREACHABLE = "nobody answers"
    BUSY = "it takes no request now"
    KEY = "it does not take the key"
    NAME = "it has no model of that name"
    ADDRESS = "something answers that is no such endpoint"
    SHAPE = "the model answers, and not in the shape that it is asked for"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Trial:
    fault: EndpointFault | None
    detail: str = ""
    """The endpoint's own words."""
    seconds: float = 0.0
    is_enforced: bool = False
    """Whether the endpoint itself holds the answer to the JSON schema."""
    names: tuple[str, ...] = ()
    """Of its models, where the one that was asked for is not among them."""


class Doctor(Shape):
    """What is asked for: small, and nothing that a model could get wrong but the shape."""

    word: Literal["ready"]


_PROMPT: Final = Prompt(
    "doctor", "You help to test a connection. Answer with one JSON object.", 'Answer {"word": "ready"}.', max_tokens=30
)


async def try_endpoint(client: AsyncOpenAI, model: str, *, timeout_seconds: float) -> Trial:
    """Never raises for what the endpoint does."""
    tried = OpenAIModel(client, model, timeout_seconds=timeout_seconds, connect_seconds=5.0, pause=_no_pause)
    started = time.monotonic()
    try:
        await tried.ask(_PROMPT, Doctor, Meter())
    except ModelUnparsable as error:
        return Trial(EndpointFault.SHAPE, error.detail, time.monotonic() - started, tried.is_enforced)
    except ModelError as error:
        fault = _fault(error)
        names = await _names(client) if fault is EndpointFault.NAME else ()
        return Trial(fault, _words(error), time.monotonic() - started, names=names)
    return Trial(None, seconds=time.monotonic() - started, is_enforced=tried.is_enforced)


def _fault(error: ModelError) -> EndpointFault:
    cause = error.__cause__
    if isinstance(cause, openai.APIStatusError):
        if cause.status_code in (401, 403):
            return EndpointFault.KEY
        if cause.code == "model_not_found" or (cause.status_code in (400, 404) and _NO_MODEL.search(cause.message)):
            return EndpointFault.NAME
        if cause.status_code in (404, 405):
            return EndpointFault.ADDRESS
        return EndpointFault.BUSY if isinstance(error, ModelUnavailable | ModelLoading) else EndpointFault.OTHER
    return EndpointFault.UNREACHABLE if isinstance(error, ModelUnavailable) else EndpointFault.OTHER


def _words(error: ModelError) -> str:
    cause = error.__cause__
    words = cause.message if isinstance(cause, openai.APIStatusError) else error.detail
    return " ".join(words.split())[:300].rstrip(".")


async def _names(client: AsyncOpenAI) -> tuple[str, ...]:
    try:
        listed = await client.with_options(max_retries=0, timeout=_LIST_SECONDS).models.list()
    except openai.OpenAIError:  # endpoints need not list them
        return ()
    return tuple(sorted(model.id for model in listed.data)[:_MOST_NAMES])


async def _no_pause(_: float) -> None:
    """Who looks on wants to know how it is now."""
