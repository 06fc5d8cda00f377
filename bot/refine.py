"""Refine: a modal that was opened empty gets an answer's question and SQL, to be changed and asked again."""

from typing import Protocol

from agent.notice import Notice
from agent.turn import Answer, Language
from bot.inbox.items import RefineRequested
from bot.shown_answer import ShownAnswers


class RefineViews(Protocol):
    async def fill(self, item: RefineRequested, answer: Answer) -> None: ...

    async def say(self, view_id: str, notice: Notice, language: Language) -> None:
        """A sentence in place of the fields."""
        ...


class RefineService:
    def __init__(self, *, shown: ShownAnswers, views: RefineViews) -> None:
        self._shown = shown
        self._views = views

    async def run(self, item: RefineRequested) -> None:
        answer = await self._shown.find(item.turn_id, channel=item.channel, user=item.user)
        if not isinstance(answer, Answer) or answer.sql is None:
            code = "modal.sql_refused" if answer == "refused" else "modal.sql_missing"
            await self._views.say(item.view_id, Notice(code), item.language)
            return
        await self._views.fill(item, answer)

    async def give_up(self, item: RefineRequested) -> None:
        """Nobody will try again: better a sentence than a modal that loads for ever."""
        await self._views.say(item.view_id, Notice("modal.sql_missing"), item.language)
