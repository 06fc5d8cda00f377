"""🗑 on an answer: who asked for it takes it away again, for everybody."""

import structlog

from agent.notice import Notice
from bot.inbox.items import DiscardRequested
from bot.replies import Replies
from bot.second_thoughts.removals import Attachments, Removals
from bot.surface import People, Whispers

log = structlog.get_logger(__name__)


class DiscardService:
    def __init__(
        self,
        *,
        replies: Replies,
        removals: Removals,
        attachments: Attachments,
        people: People,
        whispers: Whispers,
    ) -> None:
        self._replies = replies
        self._removals = removals
        self._attachments = attachments
        self._people = people
        self._whispers = whispers

    async def run(self, item: DiscardRequested) -> None:
        """The message goes, and what is kept of the answer with it; what the conversation remembers stays."""
        reply = await self._replies.find_at(item.channel, item.ts)
        if reply is None:  # a file's note, a card's copy: nothing that somebody's question brought
            return
        if reply.asked_by != item.user:
            await self._tell(item, "discard.not_yours")
            return
        await self._attachments.take_away(reply)
        await self._removals.remove(item.channel, item.ts)
        await self._replies.forget_answer(reply.turn_id)
        log.info("reply.discarded", turn=reply.turn_id)

    async def give_up(self, item: DiscardRequested) -> None:
        await self._tell(item, "discard.failed")

    async def _tell(self, item: DiscardRequested, code: str) -> None:
        person = await self._people.find(item.user)
        await self._whispers.whisper(item.channel, item.user, Notice(code), person.language_for(""))
