"""A question that is edited or deleted after it was asked."""

import structlog

from agent.notice import Notice
from bot.inbox.inbox import Inbox
from bot.inbox.items import MessageDeleted, MessageEdited
from bot.replies import Replies
from bot.second_thoughts.removals import Removals
from bot.surface import People, Whispers

log = structlog.get_logger(__name__)


class EditService:
    """The newest words count until somebody begins to answer; from then on the first ones do, and their author is told.

    Changing an answer that others have read already, because the question above it was changed, would make the thread
    say what nobody said.
    """

    def __init__(self, *, inbox: Inbox, replies: Replies, people: People, whispers: Whispers) -> None:
        self._inbox = inbox
        self._replies = replies
        self._people = people
        self._whispers = whispers

    async def run(self, item: MessageEdited) -> None:
        turn = item.turn
        if await self._inbox.amend(turn):
            log.info("turn.amended", turn=turn.dedupe_key)
            return
        # An edit may be what first calls us: then nothing was ever asked before it.
        if turn.addressed and await self._inbox.put(turn):
            return
        if await self._replies.find(turn.dedupe_key) is None:
            return  # talk between people, which was never ours
        person = await self._people.find(turn.user)
        language = person.language_for(turn.text)
        await self._whispers.whisper(
            turn.channel, turn.user, Notice("edit.too_late"), language, thread_ts=turn.thread_ts
        )


class DeletionService:
    def __init__(self, *, inbox: Inbox, replies: Replies, removals: Removals) -> None:
        self._inbox = inbox
        self._replies = replies
        self._removals = removals

    async def run(self, item: MessageDeleted) -> None:
        """What nobody has begun to answer is not answered. What is begun goes on: others may be waiting for it.

        May be called again: it takes the sign that the question was queued away, however often it was interrupted.
        """
        if not await self._inbox.withdraw(item.turn_id):
            return
        log.info("turn.withdrawn", turn=item.turn_id)
        reply = await self._replies.find(item.turn_id)
        if reply is not None and reply.ts is not None:
            await self._removals.remove(reply.channel, reply.ts)
