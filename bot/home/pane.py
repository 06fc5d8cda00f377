"""The agent pane: whoever opens it is greeted and offered questions, their own recent ones first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from agent.privacy.mask import holds_placeholder
from agent.turn import Language
from bot.home.contents import Questions
from bot.inbox.home_items import PaneOpened
from bot.surface import People

log = structlog.get_logger(__name__)

MOST_PROMPTS: Final = 4
"""Slack's limit."""
MOST_OWN: Final = 2
_LOOKED_AT: Final = 8
_LONGEST: Final = 200
"""Of a question that is offered again: what is longer was written for one occasion."""


@dataclass(frozen=True, slots=True)
class Prompts:
    language: Language
    own: tuple[str, ...]
    """What the person asked lately."""
    offered: tuple[str, ...]
    """What the operator suggests; nothing leaves it to the surface."""


class Panes(Protocol):
    async def suggest(self, channel: str, prompts: Prompts) -> None:
        """Offer at most MOST_PROMPTS of them. Raises what is transient; an app without a pane is no error."""
        ...


class PaneService:
    def __init__(self, *, questions: Questions, people: People, panes: Panes, suggested: Sequence[str]) -> None:
        self._questions = questions
        self._people = people
        self._panes = panes
        self._suggested = tuple(suggested)

    async def run(self, item: PaneOpened) -> None:
        person = await self._people.find(item.user)
        recent = await self._questions.recent(item.user, _LOOKED_AT)
        # The audit masks personal data, and with a placeholder it would be another question.
        own = [q.text for q in recent if len(q.text) <= _LONGEST and not holds_placeholder(q.text)]
        await self._panes.suggest(
            item.channel, Prompts(person.language_for(""), tuple(own[:MOST_OWN]), self._suggested)
        )

    async def give_up(self, item: PaneOpened) -> None:
        """A pane without suggestions is a pane all the same."""
        log.warning("pane.not_suggested", user=item.user)
