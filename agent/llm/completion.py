"""A completion off the wire: no more of its body than could be of use, and of it what the agent looks at."""

import json
from typing import Final

import openai
from openai import AsyncAPIResponse
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError, field_validator

LARGEST_BODY_BYTES: Final = 2 << 20
"""A reply of 100,000 characters, each escaped, with room for what reasoning models put beside it."""


class Unparsable(Exception):
    """An answer without the asked-for shape; `reply` is what the model said, `flaw` is for the model to read."""

    def __init__(self, reply: str, flaw: str) -> None:
        super().__init__(flaw)
        self.reply = reply
        self.flaw = flaw


class Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class Choice(BaseModel):
    message: Message
    finish_reason: str | None = None


class TokenCount(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class Completion(BaseModel):
    """Endpoints leave out, or fill with null, what they do not know."""

    model: str | None = None
    """Which model it was, by the endpoint's own word."""
    choices: list[Choice] = []
    usage: TokenCount | None = None

    @field_validator("model", mode="before")
    @classmethod
    def _odd_is_nameless(cls, value: object) -> object:
        return value if isinstance(value, str) else None

    @field_validator("choices", mode="before")
    @classmethod
    def _none_is_empty(cls, value: object) -> object:
        return [] if value is None else value

    @field_validator("usage", mode="before")
    @classmethod
    def _odd_is_unknown(cls, value: object) -> object:
        try:
            return TokenCount.model_validate(value)
        except ValidationError:
            return None

    @property
    def said(self) -> str:
        """Everything that was written, to be counted."""
        return "".join(choice.message.content or "" for choice in self.choices)


async def read_completion(response: AsyncAPIResponse[ChatCompletion]) -> Completion:
    """Raises Unparsable for a 200 that is no completion, APIConnectionError for one that breaks off."""
    body = bytearray()
    try:
        async for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_BODY_BYTES:
                break
    except Exception as error:  # boundary: the SDK rides on either of two HTTP libraries, and maps their errors no more
        raise openai.APIConnectionError(request=response.http_request) from error
    if len(body) > LARGEST_BODY_BYTES:
        raise Unparsable("", "it was too long and broke off")
    try:
        return Completion.model_validate(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise Unparsable("", "the reply was not a chat completion in JSON") from error
