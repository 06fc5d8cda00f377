"""Who gets the file of a result: whoever can read the answer that shows it, where it was given."""

from dataclasses import dataclass

import structlog

from agent.results import Results, StoredResult
from bot.inbox.items import ResultFileRequested
from bot.replies import Replies, decode_answer
from bot.surface import DirectMessages

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Granted:
    result: StoredResult
    title: str
    channel: str
    thread_ts: str | None
    """Where the file goes."""


class FileAccess:
    def __init__(self, *, replies: Replies, results: Results, direct: DirectMessages) -> None:
        self._replies = replies
        self._results = results
        self._direct = direct

    async def grant(self, item: ResultFileRequested) -> Granted | None:
        """None: the result is no longer kept, or is not for this person in this place.

        The button's value comes back from outside. What it names is handed out only where the room's answer with just
        this result stands, for Slack lets nobody press there who cannot read there; or to its asker, in private.
        """
        result = await self._results.load(item.result_id)
        reply = await self._replies.find(result.turn_id) if result is not None else None
        if result is None or reply is None or reply.answer is None:
            return None
        try:
            answer = decode_answer(reply.answer)
        except ValueError:  # kept by another version of the bot
            log.warning("result_file.answer_unreadable", turn=result.turn_id)
            return None
        if answer.result_id == item.result_id and reply.channel == item.channel:
            return Granted(result, answer.text or "", item.channel, item.thread_ts)
        fuller = answer.fuller
        if fuller is not None and fuller.result_id == item.result_id and result.asker == item.user:
            return await self._in_private(result, fuller.text or "", item)
        log.warning("result_file.refused", result=item.result_id, user=item.user, channel=item.channel)
        return None

    async def _in_private(self, result: StoredResult, title: str, item: ResultFileRequested) -> Granted | None:
        if item.surface == "dm":
            return Granted(result, title, item.channel, item.thread_ts)
        channel = await self._direct.open(item.user)  # pressed on an ephemeral: the room must not see its file
        return None if channel is None else Granted(result, title, channel, None)
