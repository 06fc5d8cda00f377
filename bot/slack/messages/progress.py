"""A reply that is being worked on: the steps so far, and a button that stops it. Pure."""

from collections.abc import Mapping
from typing import Final

from agent.turn import Language, Progress, Step
from bot.i18n.catalogue import say
from bot.slack.action_ids import ActionId, block_id
from bot.slack.markup import escape
from bot.slack.messages.message import Block, Message, button, message, section

_SIGNS: Final = {"running": "…", "done": "✓", "failed": "✗"}
_LONGEST_DETAIL: Final = 250


def render_progress(steps: Mapping[Step, Progress], turn_id: str, language: Language) -> Message:
    """*steps* in the order in which they began."""
    lines = [_line(progress, language) for progress in steps.values()] or [say(language, "progress.working")]
    return message(lines, [section("\n".join(lines)), _stop(turn_id, language)])


def render_queued(position: int, turn_id: str, language: Language) -> Message:
    """*position*: 1 for the next one."""
    queued = say(language, "progress.queued", position=position)
    return message([queued], [section(queued), _stop(turn_id, language)])


def _stop(turn_id: str, language: Language) -> Block:
    stop = button(language, ActionId.STOP, turn_id)
    return {"type": "actions", "block_id": block_id("progress", language), "elements": [stop]}


def _line(progress: Progress, language: Language) -> str:
    words = say(language, f"progress.{progress.step}.{progress.state}")
    detail = escape(progress.detail.replace("\n", " ")[:_LONGEST_DETAIL])
    return f"{_SIGNS[progress.state]} {words} ({detail})" if detail else f"{_SIGNS[progress.state]} {words}"
