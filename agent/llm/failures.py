"""What an endpoint's failure is called, and whether to ask it again."""

import asyncio
from typing import cast

import openai

from agent.errors import ModelError, ModelLoading, ModelRefused, ModelUnavailable
from agent.quotes import without_quotes

LONGEST_PAUSE_SECONDS = 20.0
"""A Retry-After beyond this is not waited for: the person is told instead."""
LONGEST_REASON_CHARS = 300
"""Of an endpoint's own words for why it cannot answer, as far as a person gets to read them."""

_BEFORE_SENDING = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""By name: the SDK rides on either of two HTTP libraries."""


def was_sent(error: openai.APIConnectionError) -> bool:
    """Whether the endpoint may have read the request, and charges for it: nothing came back, or not all of it."""
    return type(error.__cause__).__name__ not in _BEFORE_SENDING


def model_error(error: openai.APIError) -> ModelError:
    """*error* in the agent's own terms; what is not ModelUnavailable is not tried again."""
    if isinstance(error, openai.APIStatusError):
        return _status_error(error)
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailable("the connection broke" if was_sent(error) else "no connection")
    return ModelUnavailable(type(error).__name__)


def _status_error(error: openai.APIStatusError) -> ModelError:
    if error.status_code == 503 and "loading" in f"{error.message} {error.body}".lower():
        return ModelLoading()
    if error.status_code == 503 and (reason := _told_reason(error)):
        return ModelUnavailable(reason)
    if error.status_code in (408, 409, 429) or error.status_code >= 500:
        return ModelUnavailable(f"HTTP {error.status_code}")
    if error.code == "content_filter":
        return ModelRefused("the endpoint's content filter refused the prompt")
    return ModelError(f"HTTP {error.status_code}: {_without_key(error.message, error)[:300]}")


def what_failed(error: openai.APIError) -> dict[str, object]:
    """For the log. An endpoint may repeat the prompt that it was sent: what it quotes is left out."""
    if not isinstance(error, openai.APIStatusError):
        return {"error": type(error).__name__}
    reason = without_quotes(_told_reason(error))[:200]
    return {"error": type(error).__name__, "status": error.status_code, "code": error.code, "reason": reason}


def _told_reason(error: openai.APIStatusError) -> str:
    """The endpoint's own sentence in one line, bounded, without a full stop; empty where its body holds none."""
    body: object = error.body  # the SDK hands the error object on; a proxy's page comes as str and tells people nothing
    message: object = cast(dict[str, object], body).get("message") if isinstance(body, dict) else None
    if not isinstance(message, str):
        return ""
    return " ".join(_without_key(message, error).split())[:LONGEST_REASON_CHARS].rstrip(". ")


def _without_key(words: str, error: openai.APIStatusError) -> str:
    """A gateway may repeat the key that it was sent, and what it says is shown, kept and logged."""
    key = error.request.headers.get("authorization", "").partition(" ")[2].strip()
    return words.replace(key, "[…]") if key else words


def pause_before_retry(error: openai.APIError, attempt: int, deadline: asyncio.Timeout) -> float | None:
    """Seconds to wait after *attempt*; None where that is longer than anybody would wait, or *deadline* allows.

    People are told now what they would be told then.
    """
    pause = _asked_pause(error)
    if pause is None:
        pause = 0.5 * 2 ** (attempt - 1)
    ends = deadline.when()
    is_in_time = ends is None or asyncio.get_running_loop().time() + pause < ends
    return pause if pause <= LONGEST_PAUSE_SECONDS and is_in_time else None


def _asked_pause(error: openai.APIError) -> float | None:
    """What Retry-After says, in seconds; None when it is absent or an HTTP date: our own pause is as good."""
    if not isinstance(error, openai.APIStatusError):
        return None
    try:
        return max(float(error.response.headers.get("retry-after", "")), 0.0)
    except ValueError:
        return None
