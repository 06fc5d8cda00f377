"""An answer as plain JSON values and back: what a checkpoint, a reply row and `--json` keep."""

from typing import Any

from pydantic import TypeAdapter

from agent.turn import Answer

_ANSWER = TypeAdapter(Answer)


def answer_to_plain(answer: Answer) -> dict[str, Any]:
    """Dicts, lists, strings, numbers, booleans and None only."""
    return _ANSWER.dump_python(answer, mode="json")


def answer_from_plain(plain: dict[str, Any]) -> Answer:
    """The inverse. Raises pydantic.ValidationError for what `answer_to_plain` did not write."""
    return _ANSWER.validate_python(plain)
