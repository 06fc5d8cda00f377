"""What the scripted model says to which request: rules, read from a JSON file or written in a test."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

Fault: TypeAlias = Literal[
    "rate_limited", "server_error", "loading", "broken_json", "cut_stream", "wrong_key", "unknown_model", "no_schemas"
]
"""How an endpoint can fail.

`rate_limited` 429 with Retry-After · `server_error` 500 · `loading` 503 in llama-server's shape · `broken_json` the
reply stops in the middle, as a small model's does · `cut_stream` the connection closes half-way through the response ·
`wrong_key` 401 · `unknown_model` 404 · `no_schemas` 400: it takes no response_format of that kind.
"""


class Misbehaviour(BaseModel):
    """What goes wrong with one response."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_seconds: float = Field(default=0, ge=0)
    """Waited before the response, whatever it is."""
    fault: Fault | None = None
    retry_after_seconds: float = Field(default=1, ge=0)


class Rule(BaseModel):
    """A reply and the requests that it answers; a rule without conditions answers every one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_name: str | None = None
    """The json_schema name of the request's response_format (the pydantic class name)."""
    user_says: str | None = None
    """Regular expression, looked for in the last user message, whatever its case."""
    prompt_says: str | None = None
    """The same over all messages: tells a repair from a first attempt."""
    times: int | None = Field(default=None, ge=1)
    """Used so often, then passed over."""
    reply: str | dict[str, Any] | list[Any] = ""
    """An object or a list is sent as JSON text."""
    misbehave: Misbehaviour = Misbehaviour()

    @field_validator("user_says", "prompt_says")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from error
        return pattern

    @property
    def text(self) -> str:
        return self.reply if isinstance(self.reply, str) else json.dumps(self.reply, ensure_ascii=False)

    def answers(self, schema_name: str | None, user: str, prompt: str) -> bool:
        return (
            (self.schema_name is None or self.schema_name == schema_name)
            and (self.user_says is None or re.search(self.user_says, user, re.IGNORECASE) is not None)
            and (self.prompt_says is None or re.search(self.prompt_says, prompt, re.IGNORECASE) is not None)
        )


RuleLike: TypeAlias = Rule | Mapping[str, Any]
_RULES = TypeAdapter(list[Rule])


class Script:
    """Rules in order: the first that answers and is not used up wins."""

    def __init__(self, rules: Iterable[RuleLike]) -> None:
        self._rules = _RULES.validate_python(list(rules))
        self._used: Counter[int] = Counter()

    @classmethod
    def read(cls, path: Path) -> "Script":
        """Raises pydantic.ValidationError, which names the rule and the field."""
        return cls(_RULES.validate_json(path.read_bytes()))

    def take(self, schema_name: str | None, user: str, prompt: str) -> Rule | None:
        for number, rule in enumerate(self._rules):
            is_used_up = rule.times is not None and self._used[number] >= rule.times
            if not is_used_up and rule.answers(schema_name, user, prompt):
                self._used[number] += 1
                return rule
        return None
