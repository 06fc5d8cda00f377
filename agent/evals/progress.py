"""What changed since the last run of the same suite with the same model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    since: str
    """When that run ended, ISO 8601."""
    compared: int
    """Cases that both runs put."""
    newly_right: tuple[int | str, ...]
    newly_wrong: tuple[int | str, ...]


def change_between(before: Mapping[str, Any], now: Mapping[str, Any]) -> Change:
    """Both are `SuiteReport.to_plain` with `ended_at`. A case whose words were changed in between is another case."""
    were = {_key(question): bool(question["is_right"]) for question in before["questions"]}
    both = [question for question in now["questions"] if _key(question) in were]
    return Change(
        since=str(before["ended_at"]),
        compared=len(both),
        newly_right=tuple(q["id"] for q in both if q["is_right"] and not were[_key(q)]),
        newly_wrong=tuple(q["id"] for q in both if not q["is_right"] and were[_key(q)]),
    )


def _key(question: Mapping[str, Any]) -> tuple[str, str]:
    return str(question["id"]), str(question["question"])
