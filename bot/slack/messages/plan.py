"""A turn's steps as a plan with task cards, in the chunks that a stream is made of. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from agent.turn import Language, Progress
from bot.i18n.catalogue import say
from bot.slack.messages.message import Block, fitted

_STATUS: Final = {"running": "in_progress", "done": "complete", "failed": "error"}
_LONGEST_TITLE: Final = 250
"""Slack's limit of a task's fields."""
_ANGLES: Final = str.maketrans({"<": "\u2039", ">": "\u203a"})


def plan_chunks(language: Language) -> list[Block]:
    """The plan itself; its tasks follow."""
    return [{"type": "plan_update", "title": say(language, "progress.working")}]


def task_chunks(steps: Iterable[Progress], turn_id: str, language: Language) -> list[Block]:
    """A card for each of *steps*, or its new state. All of it is in fields that replace: sent twice it does no harm."""
    return [
        {
            "type": "task_update",
            "id": f"{_mark(turn_id)}-{step.step}",
            "title": _title(step, language),
            "status": _STATUS[step.state],
        }
        for step in steps
    ]


def is_plan_of(turn_id: str, message: Mapping[str, Any]) -> bool:
    """True for a message that `task_chunks` of this turn grew. A stream takes no metadata: its cards' ids name it."""
    blocks = cast("list[dict[str, Any]]", message.get("blocks") or [])
    tasks = [task for block in blocks if block.get("type") == "plan" for task in block.get("tasks") or ()]
    return any(str(task.get("task_id", "")).startswith(f"{_mark(turn_id)}-") for task in tasks)


def _mark(turn_id: str) -> str:
    return f"bolt-{hashlib.sha256(turn_id.encode()).hexdigest()[:12]}"


def _title(step: Progress, language: Language) -> str:
    words = say(language, f"progress.{step.step}.{step.state}")
    # Whether Slack reads markup in a card it does not say: without angles there is no mention and no link in any case.
    detail = step.detail.replace("\n", " ").translate(_ANGLES)
    return fitted(f"{words} ({detail})" if detail else words, _LONGEST_TITLE)
