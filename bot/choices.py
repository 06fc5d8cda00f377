"""A way to read an ambiguous question is chosen once: then its buttons give way to what was chosen, and by whom."""

from dataclasses import replace

import structlog

from agent.notice import Notice
from bot.inbox.items import TurnRequested
from bot.replies import Replies, decode_answer, encode_answer
from bot.surface import Redraw

log = structlog.get_logger(__name__)


class ChoiceService:
    def __init__(self, *, replies: Replies, surface: Redraw) -> None:
        self._replies = replies
        self._surface = surface

    async def settle(self, item: TurnRequested) -> None:
        """Take the choices away from the message where *item* was pressed.

        Whoever pressed in the same moment finds none left there, and is answered all the same: it is their question.
        """
        if item.pressed_on is None:
            return
        reply = await self._replies.find_at(item.channel, item.pressed_on)
        if reply is None or reply.answer is None:
            return
        try:
            answer = decode_answer(reply.answer)
        except ValueError:  # kept by another version of the bot
            log.warning("choices.answer_unreadable", turn=reply.turn_id)
            return
        chosen = next((choice for choice in answer.choices if choice.text == item.text), None)
        if chosen is None:
            return
        made = Notice("choice.made", {"by": item.user, "choice": chosen.label})
        settled = replace(answer, choices=(), notices=(*answer.notices, made))
        # Shown before it is kept: after a crash in between, the next attempt shows the same again.
        await self._surface.redraw(item.channel, item.pressed_on, settled)
        await self._replies.keep_answer(reply.turn_id, encode_answer(settled))
