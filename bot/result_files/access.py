"""Who gets the file of a result: whoever was shown its answer, in the place where that was given."""

from dataclasses import dataclass

from agent.results import Results, StoredResult
from agent.turn import Answer
from bot.inbox.items import ResultFileRequested
from bot.replies import Replies
from bot.shown_answer import ShownAnswers
from bot.surface import Rooms


@dataclass(frozen=True, slots=True)
class Granted:
    result_id: str
    result: StoredResult
    title: str


class FileAccess:
    def __init__(self, *, replies: Replies, results: Results, rooms: Rooms) -> None:
        self._shown = ShownAnswers(replies=replies, rooms=rooms)
        self._results = results

    async def grant(self, item: ResultFileRequested) -> Granted | None:
        """None: the result is no longer kept, or is not for this person in this place.

        The room's version and the asker's fuller one are answers of their own, each with a result of its own: the file
        holds what the answer above the button was weighed for, and nothing else.
        """
        answer = await self._shown.find(item.turn_id, channel=item.channel, user=item.user)
        if not isinstance(answer, Answer) or answer.result_id is None:
            return None
        result = await self._results.load(answer.result_id)
        return None if result is None else Granted(answer.result_id, result, answer.text or "")
