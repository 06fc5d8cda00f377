"""What people think of an answer: kept with a reason where they give one, and thanked for."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import structlog

from agent.notice import Notice
from agent.turn import Answer
from bot.inbox.items import FeedbackGiven
from bot.shown_answer import ShownAnswers
from bot.surface import Whispers

log = structlog.get_logger(__name__)

Verdict: TypeAlias = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Feedback:
    turn_id: str
    user: str
    verdict: Verdict
    reason: str | None = None
    """One of `bot.inbox.items.Reason`."""
    words: str = ""
    """What they wrote beside it."""


class FeedbackStore(Protocol):
    async def keep(self, given: Feedback) -> None:
        """One for each person and answer: the last one stands. Committed when this returns."""
        ...

    async def of_turn(self, turn_id: str) -> tuple[Feedback, ...]:
        """By user."""
        ...


class FeedbackService:
    def __init__(self, *, shown: ShownAnswers, store: FeedbackStore, whispers: Whispers) -> None:
        self._shown = shown
        self._store = store
        self._whispers = whispers

    async def run(self, item: FeedbackGiven) -> None:
        """Raises what is transient."""
        answer = await self._shown.find(item.turn_id, channel=item.channel, user=item.user)
        if not isinstance(answer, Answer):
            await self._whisper(item, "feedback.missing")
            return
        await self._store.keep(Feedback(item.turn_id, item.user, item.verdict, item.reason, item.words))
        log.info("feedback.kept", turn=item.turn_id, verdict=item.verdict, reason=item.reason)
        if item.verdict == "good" or item.reason is not None:  # a bare "bad" has its modal open: no word beside it
            await self._whisper(item, "feedback.thanks")

    async def give_up(self, item: FeedbackGiven) -> None:
        """Nobody will try again."""
        await self._whisper(item, "feedback.missing")

    async def _whisper(self, item: FeedbackGiven, code: str) -> None:
        await self._whispers.whisper(item.channel, item.user, Notice(code), item.language, thread_ts=item.thread_ts)
