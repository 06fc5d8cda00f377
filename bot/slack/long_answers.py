"""The whole text of an answer that is too long for a message, as a file below it."""

import hashlib
from io import BytesIO

import structlog

from agent.notice import Notice
from agent.turn import Answer
from bot.replies import Reply
from bot.result_files.delivery import Spot
from bot.slack.files import SlackFiles
from bot.slack.messages.message import LONGEST_ANSWER
from bot.surface import Place

log = structlog.get_logger(__name__)


class LongAnswers:
    def __init__(self, files: SlackFiles) -> None:
        self._files = files

    async def attach(self, place: Place, channel: str, answer: Answer) -> None:
        """Share the file in *channel*, once however often the turn is finished. Never raises: the answer stands."""
        text = answer.text or ""
        if answer.table is not None or len(text) <= LONGEST_ANSWER:
            return
        name = _name_of(place.turn_id)
        # Somewhere else than asked (the channel is closed to us) the reply stands at the top of a direct message.
        spot = Spot(channel, place.thread_ts if channel == place.channel else None, place.language)
        try:
            if await self._files.is_shared_as(spot, name, place.asked_at):
                return
            whole = text.encode()
            file_id = await self._files.upload(name, BytesIO(whole), len(whole))
            await self._files.share(spot, file_id, name, (Notice("answer.text_whole"),))
        except Exception as error:  # the boundary: the message says that it is cut, and what stands there is the answer
            log.warning("slack.text_not_filed", turn=place.turn_id, error=repr(error))

    async def take_away(self, reply: Reply) -> None:
        """Delete the file below *reply*, where there is one. May be called again. Raises what is transient."""
        if reply.ts is None:
            return
        is_where_asked = f":{reply.channel}:" in f"{reply.conversation}:"
        spot = Spot(reply.channel, reply.thread_ts if is_where_asked else None, "en")
        await self._files.take_away(spot, _name_of(reply.turn_id), since=float(reply.ts))


def _name_of(turn_id: str) -> str:
    """Of its turn: one that a crash has interrupted finds the file that it has shared before."""
    return f"answer-{hashlib.sha256(turn_id.encode()).hexdigest()[:8]}.md"
