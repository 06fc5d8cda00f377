"""A sign for questions that wait because every worker is busy: who asks sees at once that they were heard."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from agent.language import language_of
from bot.channel_rules import EVERYWHERE, ChannelRules
from bot.inbox.items import TurnRequested
from bot.surface import People, Place

log = structlog.get_logger(__name__)

GRACE_SECONDS: Final = 0.05
"""What nobody has claimed after so long waits for longer: every replica looks at once when something is put."""
LONGEST_LINE: Final = 50
"""So many are told their place. Behind them the posts alone would take a minute."""
REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    item: TurnRequested
    position: int
    """1 for the next one."""


class Line(Protocol):
    async def waiting(self, limit: int) -> list[Waiting]:
        """The first *limit* turns that nobody has begun, in the order in which they were spoken."""
        ...


class QueueSign(Protocol):
    async def show_queued(self, place: Place, position: int) -> None:
        """Open the reply with a sign, unless it is open. Best effort, never raises."""
        ...


class QueueSigns:
    """Each question is told its place once: an update on its way to Slack could overtake the answer of a worker."""

    def __init__(self, *, line: Line, surface: QueueSign, people: People, rules: ChannelRules = EVERYWHERE) -> None:
        self._line = line
        self._surface = surface
        self._people = people
        self._rules = rules
        self._told: dict[str, None] = {}
        """Turn ids, oldest first."""
        self._looked = asyncio.Event()

    def look(self) -> None:
        """The workers have taken what they can: what is left waits."""
        self._looked.set()

    async def run(self) -> None:
        """Until cancelled."""
        # Each is told beside the others: one whose channel has no room for posts just now keeps nobody waiting.
        async with asyncio.TaskGroup() as telling:
            while True:
                await self._looked.wait()
                self._looked.clear()
                await asyncio.sleep(GRACE_SECONDS)
                for waiting in await self._line_now():
                    if self._is_new(waiting.item):
                        telling.create_task(self._tell(waiting), name=f"queue-sign-{waiting.item.dedupe_key}")

    async def _line_now(self) -> list[Waiting]:
        try:
            return await self._line.waiting(LONGEST_LINE)
        except Exception as error:  # the boundary: without a sign the question is answered all the same
            log.warning("queue_signs.line_unknown", error=repr(error))
            return []

    def _is_new(self, item: TurnRequested) -> bool:
        """True once, and never where the answer may be silence."""
        if item.dedupe_key in self._told or not self._is_ours(item):
            return False
        if len(self._told) >= REMEMBERED:
            del self._told[next(iter(self._told))]
        self._told[item.dedupe_key] = None
        return True

    def _is_ours(self, item: TurnRequested) -> bool:
        """Only a worker finds out whether talk between people is for us, and whether a shared channel is allowed."""
        if item.surface == "dm":
            return True
        return item.addressed and item.external is False and self._rules.answers_in(item.channel)

    async def _tell(self, waiting: Waiting) -> None:
        try:
            await self._surface.show_queued(await self._place(waiting.item), waiting.position)
        except Exception:  # the boundary of the task, as above
            log.exception("queue_signs.not_shown", turn=waiting.item.dedupe_key)
        else:
            log.info("queue_signs.told", turn=waiting.item.dedupe_key, position=waiting.position)

    async def _place(self, item: TurnRequested) -> Place:
        person = await self._people.find(item.user)
        return Place(
            turn_id=item.dedupe_key,
            conversation=item.conversation,
            channel=item.channel,
            thread_ts=item.thread_ts,
            user=item.user,
            asked_at=float(item.spoken_at),
            language=language_of(item.text, person.locale),
        )
