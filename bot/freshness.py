"""How old the data behind an answer is: asked when the answer is there, kept with it, said in its footer."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from agent.turn import Answer, OnProgress, TableAge, Turn

log = structlog.get_logger(__name__)

MOST_TABLES: Final = 3
"""That a footer names with their ages."""
_LONGEST_SECONDS: Final = 2.0
"""An answer does not wait longer for its footer."""


class Changed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def changed_at(self) -> float | None: ...


class Changes(Protocol):
    """`bot.receipts.table_ages.TableAges`."""

    async def of(self, names: Sequence[str], *, read_at: float | None) -> Sequence[Changed]:
        """When each of the first of *names* was changed, in Unix seconds; None where nobody can say."""
        ...


class Answers(Protocol):
    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer: ...

    async def tidy(self, turn: Turn) -> None: ...

    async def stop(self, turn: Turn) -> Answer: ...


class DatedAnswers:
    """`bot.turns.Answers`: another's, each with the ages of the tables that its rows come from and how long it took."""

    def __init__(
        self, answers: Answers, changes: Changes, *, stale_after: timedelta | None, now: Callable[[], datetime]
    ) -> None:
        """*stale_after*: None never calls anything stale."""
        self._answers = answers
        self._changes = changes
        self._stale_after = stale_after
        self._now = now

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        began = time.monotonic()
        answer = await self._answers.answer(turn, on_progress)
        dated = await self._dated(answer)
        fuller = await self._dated(dated.fuller) if dated.fuller is not None else None
        return replace(dated, fuller=fuller, seconds=time.monotonic() - began)

    async def tidy(self, turn: Turn) -> None:
        await self._answers.tidy(turn)

    async def stop(self, turn: Turn) -> Answer:
        return await self._answers.stop(turn)

    async def _dated(self, answer: Answer) -> Answer:
        if answer.table is None or not answer.tables_read:
            return answer
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                changes = await self._changes.of(answer.tables_read[:MOST_TABLES], read_at=answer.ran_at)
        except Exception as error:  # the boundary: a footer without ages is better than no answer
            log.info("freshness.unknown", turn=answer.turn_id, error=repr(error))
            return answer
        now = self._now().timestamp()
        ages = tuple(
            TableAge(change.name, max(0.0, now - change.changed_at))
            for change in changes
            if change.changed_at is not None
        )
        return replace(answer, ages=ages, is_stale=self._is_stale(answer, ages))

    def _is_stale(self, answer: Answer, ages: tuple[TableAge, ...]) -> bool:
        """All of them are old: beside one that moves, others rarely change and are right all the same."""
        if self._stale_after is None or len(ages) < len(answer.tables_read):
            return False
        return bool(ages) and min(age.seconds for age in ages) > self._stale_after.total_seconds()
