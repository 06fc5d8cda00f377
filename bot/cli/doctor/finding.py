"""What a check found: a state, what is so, and how to mend it."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal["ok", "warn", "fail", "skipped"]
"""warn: it works, and may not for long, or not as well as it could; skipped: nothing was looked at, and why is said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check says. The message is a clause without a full stop; a remedy belongs to what is not well."""

    state: State
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome with the name of its check."""

    name: str
    outcome: Outcome
    seconds: float

    @property
    def state(self) -> State:
        return self.outcome.state

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state,
            "message": self.outcome.message,
            "remedy": self.outcome.remedy,
            "seconds": round(self.seconds, 3),
        }


class Skip(Exception):
    """There is nothing to look at, or nothing to look with; the message says why."""


class Unanswered(Exception):
    """A service that is there had no answer just now; the message says which, and to what."""


def ok(message: str) -> Outcome:
    return Outcome("ok", message)


def warn(message: str, remedy: str) -> Outcome:
    return Outcome("warn", message, remedy)


def fail(message: str, remedy: str) -> Outcome:
    return Outcome("fail", message, remedy)
