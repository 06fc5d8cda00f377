"""What the asker alone may see of an answer: it goes to them as a direct message, once, and the thread says so."""

from dataclasses import replace

import structlog

from agent.notice import Notice
from agent.turn import Answer
from bot.replies import Replies, Reply, encode_answer
from bot.surface import DirectMessages, Place

log = structlog.get_logger(__name__)


def private_id(turn_id: str) -> str:
    """The name of a turn's private reply: it has a row, an answer and buttons of its own."""
    return f"{turn_id}:private"


def turn_of(reply_id: str) -> str:
    """The turn that a reply belongs to, private or not: the inverse of `private_id`."""
    return reply_id.removesuffix(":private")


class AsideService:
    """A direct message and no ephemeral one: that vanishes, cannot be found again after a crash, nor be updated."""

    def __init__(self, *, replies: Replies, direct: DirectMessages) -> None:
        self._replies = replies
        self._direct = direct

    async def deliver(self, place: Place, answer: Answer, *, is_last: bool = False) -> Answer:
        """Send the asker what they alone may see; the answer as the room may see it, which says that this was done.

        May be called again: it is sent once. Where Slack lets no direct message through, the fuller answer stays with
        the turn's own, which is kept by then. Transient errors escape, unless this *is_last* of all attempts: then
        what the room may see does not wait any longer either.
        """
        if answer.fuller is None:
            return answer
        fuller = replace(answer.fuller, turn_id=private_id(place.turn_id), fuller=None)
        try:
            was_sent = await self._send(place, fuller)
        except Exception:  # the boundary of the last attempt: one half of the answer does not take the other with it
            if not is_last:
                raise
            log.exception("turn.not_answered_privately", turn=place.turn_id)
            was_sent = False
        told = Notice("private.sent" if was_sent else "private.refused", {"to": place.user})
        return replace(answer, fuller=None, notices=(*answer.notices, told))

    async def _send(self, place: Place, fuller: Answer) -> bool:
        earlier = await self._replies.find(fuller.turn_id)
        if earlier is not None and earlier.ts is not None:
            return True
        channel = earlier.channel if earlier is not None else await self._direct.open(place.user)
        if channel is None:
            return False
        # As if they had asked there: what they say to it goes on in that conversation.
        conversation = f"{place.conversation.partition(':')[0]}:{channel}"
        there = replace(
            place, turn_id=fuller.turn_id, conversation=conversation, channel=channel, thread_ts=None, pressed=""
        )
        reply = Reply(fuller.turn_id, conversation, channel, None, asked_by=place.user)
        if earlier is None:
            # Written before it is posted: who comes after a crash knows that it may stand there already.
            await self._replies.keep_place(reply)
        await self._replies.keep_answer(fuller.turn_id, encode_answer(fuller))
        ts = await self._direct.send(there, fuller, asked_in=place, may_exist=earlier is not None)
        if ts is None:
            return False
        await self._replies.keep_place(replace(reply, ts=ts))
        log.info("turn.answered_privately", turn=place.turn_id)
        return True
