"""An answer, for somebody who pressed a button below it: only where it was given, and only for who may read there."""

from typing import Literal, TypeAlias

import structlog

from agent.turn import Answer
from bot.replies import Replies, decode_answer
from bot.surface import Rooms

log = structlog.get_logger(__name__)

NotShown: TypeAlias = Literal["missing", "refused"]
"""It is no longer kept, or was not given in this channel; whoever asks is not in the room, or nobody can say."""


class ShownAnswers:
    def __init__(self, *, replies: Replies, rooms: Rooms) -> None:
        self._replies = replies
        self._rooms = rooms

    async def find(self, turn_id: str, *, channel: str, user: str) -> Answer | NotShown:
        reply = await self._replies.find(turn_id)
        # The button's value comes back from outside: an answer is spoken of only where it was given.
        if reply is None or reply.answer is None or reply.channel != channel:
            log.warning("answer.not_here", turn=turn_id, channel=channel, user=user)
            return "missing"
        # A public channel is read, and pressed in, by people who are not in it: the answer was not weighed for them.
        if not await self._rooms.holds(channel, user):
            log.warning("answer.refused", turn=turn_id, channel=channel, user=user)
            return "refused"
        try:
            return decode_answer(reply.answer)
        except ValueError:  # kept by another version of the bot
            log.warning("answer.unreadable", turn=turn_id)
            return "missing"
