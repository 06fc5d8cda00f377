"""How many tokens a request to an endpoint may take, before it is sent."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from agent.tokens import estimate_tokens

_PER_MESSAGE: Final = 8
"""Role and separators."""


def asked_tokens(parameters: Mapping[str, Any], messages: Iterable[Mapping[str, str]]) -> int:
    """The prompt, and the schema that the endpoint may write into it."""
    schema = json.dumps(parameters.get("response_format", {}))
    return estimate_tokens(schema) + sum(_PER_MESSAGE + estimate_tokens(message["content"]) for message in messages)


def reply_tokens(parameters: Mapping[str, Any]) -> int:
    """The longest reply that *parameters* allow, thinking included."""
    return int(parameters.get("max_completion_tokens", 0) or parameters.get("max_tokens", 0))
