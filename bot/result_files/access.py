"""Who gets the file of a result: whoever was shown its answer, in the place where that was given."""

from dataclasses import dataclass

import structlog

from agent.results import Results, StoredResult
from bot.inbox.items import ResultFileRequested
from bot.replies import Replies, decode_answer
from bot.surface import Rooms

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Granted:
    result_id: str
    result: StoredResult
    title: str


class FileAccess:
    def __init__(self, *, replies: Replies, results: Results, rooms: Rooms) -> None:
        self._replies = replies
        self._results = results
        self._rooms = rooms

    async def grant(self, item: ResultFileRequested) -> Granted | None:
        """None: the result is no longer kept, or is not for this person in this place.

        The room's version and the asker's fuller one are answers of their own, each with a result of its own: the file
        holds what the answer above the button was weighed for, and nothing else.
        """
        reply = await self._replies.find(item.turn_id)
        # The button's value comes back from outside: a file is made only where its answer was given.
        if reply is None or reply.answer is None or reply.channel != item.channel:
            log.warning("result_file.no_answer", turn=item.turn_id, channel=item.channel, user=item.user)
            return None
        # A public channel is read, and pressed in, by people who are not in it: the answer was not weighed for them.
        if not await self._rooms.holds(item.channel, item.user):
            log.warning("result_file.refused", turn=item.turn_id, channel=item.channel, user=item.user)
            return None
        try:
            answer = decode_answer(reply.answer)
        except ValueError:  # kept by another version of the bot
            log.warning("result_file.answer_unreadable", turn=item.turn_id)
            return None
        result = await self._results.load(answer.result_id) if answer.result_id is not None else None
        if result is None or answer.result_id is None:
            return None
        return Granted(answer.result_id, result, answer.text or "")
