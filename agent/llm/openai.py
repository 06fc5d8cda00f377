"""Any OpenAI-compatible endpoint, by chat.completions: one bounded place for retries, repair and error mapping."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import openai
import structlog
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import ValidationError

from agent.errors import ModelError, ModelLoading, ModelUnavailable, ModelUnparsable
from agent.llm.dialect import Dialect, strict_schema
from agent.llm.model import Meter, Prompt, ShapeT

log = structlog.get_logger(__name__)

ATTEMPTS = 3
"""Requests per call that may fail or be unparsable; learning the endpoint's dialect is not counted."""
LONGEST_PAUSE_SECONDS = 20.0
"""A Retry-After beyond this is not waited for: the person is told instead."""
LONGEST_REASON_CHARS = 300
"""Of an endpoint's own words for why it cannot answer, as far as a person gets to read them."""
REPAIR_EXCERPT_CHARS = 600
LARGEST_REPLY_CHARS = 100_000


class _Unparsable(Exception):
    """An answer without the asked-for shape; `reply` is what the model said, `flaw` is for the model to read."""

    def __init__(self, reply: str, flaw: str) -> None:
        super().__init__(flaw)
        self.reply = reply
        self.flaw = flaw


@dataclass(slots=True)
class _Conversation:
    """The messages of one call; a repair hint is appended at most once."""

    messages: list[dict[str, str]]
    is_repaired: bool = False

    def ask_again(self, unparsable: _Unparsable) -> None:
        if self.is_repaired:
            return
        self.is_repaired = True
        hint = f"That was not a valid answer: {unparsable.flaw}. Answer again, with one short JSON object only."
        self.messages.append({"role": "assistant", "content": unparsable.reply[:REPAIR_EXCERPT_CHARS] or "(nothing)"})
        self.messages.append({"role": "user", "content": hint})


class OpenAIModel:
    """A `Model` on `AsyncOpenAI`. *timeout_seconds* bounds one whole call, retries and pauses included."""

    def __init__(
        self,
        client: AsyncOpenAI,
        model: str,
        *,
        timeout_seconds: float = 180.0,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        # The SDK's own retries would multiply with ours.
        self._client = client.with_options(max_retries=0, timeout=timeout_seconds)
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._pause = pause
        self._dialect = Dialect()

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._ask_until_parsed(prompt, shape, meter)
        except TimeoutError:
            raise ModelUnavailable(f"no answer within {self._timeout_seconds:g} s") from None

    async def _ask_until_parsed(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        conversation = _Conversation(self._opening(prompt, shape))
        failure: ModelError = ModelUnavailable()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                completion = await self._create_learning(prompt, shape, conversation, meter)
                return _parse(completion, shape)
            except _Unparsable as unparsable:
                failure = ModelUnparsable(unparsable.flaw)
                log.warning("model.reply_unparsable", call=prompt.name, attempt=attempt, flaw=unparsable.flaw[:200])
                if conversation.is_repaired:
                    break
                conversation.ask_again(unparsable)
            except openai.APIError as error:
                failure = _mapped(error)
                log.warning("model.call_failed", call=prompt.name, attempt=attempt, error=str(error)[:200])
                pause = _pause_before_retry(error, attempt)
                if not isinstance(failure, ModelUnavailable) or pause is None or attempt == ATTEMPTS:
                    raise failure from error
                await self._pause(pause)
        raise failure

    async def _create_learning(
        self, prompt: Prompt, shape: type[ShapeT], conversation: _Conversation, meter: Meter
    ) -> ChatCompletion:
        """One completion in the richest dialect the endpoint takes; each refusal is remembered for later calls."""
        while True:
            dialect = self._dialect
            try:
                return await self._create(dialect.parameters(prompt, shape), conversation.messages, meter)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if self._dialect is not dialect:
                    continue  # a call beside this one has learnt already
                poorer = dialect.after_refusal(error.param, error.message)
                if poorer is None:
                    raise
                log.info("model.dialect_learnt", param=error.param, response_format=poorer.response_format)
                self._dialect = poorer
                conversation.messages[:2] = self._opening(prompt, shape)

    async def _create(self, parameters: dict[str, Any], messages: list[dict[str, str]], meter: Meter) -> ChatCompletion:
        try:
            completion = await self._client.chat.completions.create(
                model=self._model,
                messages=cast(list[ChatCompletionMessageParam], messages),
                **parameters,
            )
        except openai.APIStatusError:
            raise
        except ValueError as error:  # a 200 whose body is not JSON
            meter.add(input_tokens=0, output_tokens=0)
            raise _Unparsable("", "the reply was not JSON") from error
        if not isinstance(completion, ChatCompletion):  # a 200 that is not JSON by its content type comes as str
            meter.add(input_tokens=0, output_tokens=0)
            raise _Unparsable("", "the reply was not JSON")
        usage = completion.usage
        meter.add(
            input_tokens=usage.prompt_tokens if usage else 0, output_tokens=usage.completion_tokens if usage else 0
        )
        return completion

    def _opening(self, prompt: Prompt, shape: type[ShapeT]) -> list[dict[str, str]]:
        system = prompt.system
        if not self._dialect.is_enforced:  # then words must carry the schema
            system += f"\n\nAnswer with one JSON object of this schema: {strict_schema(shape, bounded=True)}"
        return [{"role": "system", "content": system}, {"role": "user", "content": prompt.user}]


def _parse(completion: ChatCompletion, shape: type[ShapeT]) -> ShapeT:
    if not completion.choices:
        raise _Unparsable("", "it was empty")
    choice = completion.choices[0]
    if choice.message.refusal:
        raise ModelUnparsable(f"the model refused: {choice.message.refusal[:200]}")
    content = choice.message.content or ""
    if choice.finish_reason == "length" or len(content) > LARGEST_REPLY_CHARS:
        raise _Unparsable(content, "it was too long and broke off")
    try:
        return shape.model_validate_json(_without_fence(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _Unparsable(content, f"{where}: {first['msg']}" if where else first["msg"]) from error


def _without_fence(content: str) -> str:
    """The JSON object in *content*, which weak models wrap in a Markdown fence or in chatter."""
    start, end = content.find("{"), content.rfind("}")
    return content[start : end + 1] if 0 <= start < end else content


def _mapped(error: openai.APIError) -> ModelError:
    if isinstance(error, openai.APIStatusError):
        if error.status_code == 503 and "loading" in f"{error.message} {error.body}".lower():
            return ModelLoading()
        if error.status_code == 503 and (reason := _told_reason(error)):
            return ModelUnavailable(reason)
        if error.status_code in (408, 409, 429) or error.status_code >= 500:
            return ModelUnavailable(f"HTTP {error.status_code}")
        return ModelError(f"HTTP {error.status_code}: {error.message[:300]}")
    return ModelUnavailable(type(error).__name__)


def _told_reason(error: openai.APIStatusError) -> str:
    """The endpoint's own sentence in one line, bounded, without a full stop; empty where its body holds none."""
    body: object = error.body  # the SDK hands the error object on; a proxy's page comes as str and tells people nothing
    message: object = cast(dict[str, object], body).get("message") if isinstance(body, dict) else None
    return " ".join(message.split())[:LONGEST_REASON_CHARS].rstrip(". ") if isinstance(message, str) else ""


def _pause_before_retry(error: openai.APIError, attempt: int) -> float | None:
    """Seconds to wait; None when the endpoint asks for longer than anybody would."""
    if isinstance(error, openai.APIStatusError):
        try:
            asked = float(error.response.headers.get("retry-after", ""))
        except ValueError:  # absent, or an HTTP date: ours is as good
            pass
        else:
            return max(asked, 0.0) if asked <= LONGEST_PAUSE_SECONDS else None
    return 0.5 * 2 ** (attempt - 1)
