"""A completion read as the shape that was asked for."""

from pydantic import ValidationError

from agent.errors import ModelRefused
from agent.llm.completion import Completion, Unparsable
from agent.llm.model import ShapeT

LARGEST_REPLY_CHARS = 100_000


def parse(completion: Completion, shape: type[ShapeT]) -> ShapeT:
    """Raises Unparsable, and ModelRefused where asking again would get the same."""
    if not completion.choices:
        raise Unparsable("", "it was empty")
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":  # asked again, it declines again
        raise ModelRefused(f"the model refused: {(choice.message.refusal or 'content_filter')[:200]}")
    content = choice.message.content or ""
    if choice.finish_reason == "length" or len(content) > LARGEST_REPLY_CHARS:
        raise Unparsable(content, "it was too long and broke off")
    try:
        return shape.model_validate_json(_without_fence(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Unparsable(content, f"{where}: {first['msg']}" if where else first["msg"]) from error


def _without_fence(content: str) -> str:
    """The JSON object in *content*, which weak models wrap in a Markdown fence or in chatter."""
    start, end = content.find("{"), content.rfind("}")
    return content[start : end + 1] if 0 <= start < end else content
