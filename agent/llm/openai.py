"""Any OpenAI-compatible endpoint, by chat.completions: one bounded place for retries, repair and error mapping."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import openai
import structlog
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from agent.errors import ModelError, ModelUnavailable, ModelUnparsable
from agent.llm.completion import Completion, Unparsable, read_completion
from agent.llm.dialect import Dialect, strict_schema
from agent.llm.failures import model_error, pause_before_retry, was_sent, what_failed
from agent.llm.model import Meter, Prompt, ShapeT
from agent.llm.reply import parse
from agent.llm.request_size import asked_tokens, reply_tokens
from agent.tokens import estimate_tokens

log = structlog.get_logger(__name__)

ATTEMPTS = 3
"""Requests per call that may fail or be unparsable; learning the endpoint's dialect is not counted."""
CONNECT_SECONDS = 10.0
"""A machine that takes no connection is tried again after this, and not waited for as long as an answer."""
REPAIR_EXCERPT_CHARS = 600

OnCompletion: TypeAlias = Callable[[Completion], None]
"""Told of each completion that was read, in the task that made the call."""


@dataclass(slots=True)
class _Conversation:
    """The messages of one call; a repair hint is appended at most once."""

    messages: list[dict[str, str]]
    is_repaired: bool = False

    def ask_again(self, unparsable: Unparsable) -> None:
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
        connect_seconds: float = CONNECT_SECONDS,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_completion: OnCompletion = lambda completion: None,
    ) -> None:
        # The SDK's own retries would multiply with ours.
        timeout = openai.Timeout(timeout_seconds, connect=connect_seconds)
        self._client = client.with_options(max_retries=0, timeout=timeout)
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._pause = pause
        self._on_completion = on_completion
        self._dialect = Dialect()

    @property
    def is_enforced(self) -> bool:
        """Whether the endpoint itself holds answers to their schema, as far as the calls so far have taught."""
        return self._dialect.is_enforced

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        try:
            async with asyncio.timeout(self._timeout_seconds) as deadline:
                return await self._ask_until_parsed(prompt, shape, meter, deadline)
        except TimeoutError:
            raise ModelUnavailable(f"no answer within {self._timeout_seconds:g} s") from None

    async def _ask_until_parsed(
        self, prompt: Prompt, shape: type[ShapeT], meter: Meter, deadline: asyncio.Timeout
    ) -> ShapeT:
        conversation = _Conversation(self._opening(prompt, shape))
        failure: ModelError = ModelUnavailable()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                completion = await self._create_learning(prompt, shape, conversation, meter)
                return parse(completion, shape)
            except Unparsable as unparsable:
                failure = ModelUnparsable(unparsable.flaw)
                log.warning("model.reply_unparsable", call=prompt.name, attempt=attempt, flaw=unparsable.flaw[:200])
                if conversation.is_repaired:
                    break
                conversation.ask_again(unparsable)
            except openai.APIError as error:
                failure = model_error(error)
                log.warning("model.call_failed", call=prompt.name, attempt=attempt, **what_failed(error))
                pause = pause_before_retry(error, attempt, deadline)
                if not isinstance(failure, ModelUnavailable) or pause is None or attempt == ATTEMPTS:
                    raise failure from error
                await self._pause(pause)
        raise failure

    async def _create_learning(
        self, prompt: Prompt, shape: type[ShapeT], conversation: _Conversation, meter: Meter
    ) -> Completion:
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

    async def _create(self, parameters: dict[str, Any], messages: list[dict[str, str]], meter: Meter) -> Completion:
        """One request, admitted and counted. Raises Unparsable for a 200 that is no completion."""
        asked = asked_tokens(parameters, messages)
        meter.admit(asked + reply_tokens(parameters))
        try:
            async with self._client.chat.completions.with_streaming_response.create(
                model=self._model,
                messages=cast(list[ChatCompletionMessageParam], messages),
                **parameters,
            ) as response:
                completion = await read_completion(response)
        except openai.APIStatusError:  # turned away: nothing was read or written
            meter.add(input_tokens=0, output_tokens=0)
            raise
        except openai.APIConnectionError as error:
            meter.add(input_tokens=asked if was_sent(error) else 0, output_tokens=0)
            raise
        except BaseException:  # no completion, or cancelled: the endpoint may have done the work, and charges for it
            meter.add(input_tokens=asked, output_tokens=0)
            raise
        self._on_completion(completion)
        if usage := completion.usage:
            meter.add(input_tokens=usage.prompt_tokens, output_tokens=usage.completion_tokens)
        else:  # endpoints need not say
            meter.add(input_tokens=asked, output_tokens=estimate_tokens(completion.said))
        return completion

    def _opening(self, prompt: Prompt, shape: type[ShapeT]) -> list[dict[str, str]]:
        system = prompt.system
        if not self._dialect.is_enforced:  # then words must carry the schema
            system += f"\n\nAnswer with one JSON object of this schema: {strict_schema(shape, bounded=True)}"
        return [{"role": "system", "content": system}, {"role": "user", "content": prompt.user}]
