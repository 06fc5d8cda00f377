"""Opens the one visible reply of a turn: the row first, then Slack's own memory, then a new message."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from slack_sdk.errors import SlackApiError

from agent.turn import Answer
from bot.replies import Replies
from bot.slack.client import SlackUnavailable
from bot.slack.desk import Desk, Posted
from bot.slack.draft import SlackDraft, reply_at
from bot.slack.gates import Sleep
from bot.slack.illustrator import Illustrator
from bot.slack.long_answers import LongAnswers
from bot.slack.messages.answer import render_answer
from bot.slack.messages.message import Message, below, context
from bot.slack.messages.progress import render_progress, render_queued
from bot.slack.messages.reply import named_fields
from bot.slack.streamer import Streamer
from bot.slack.streams import Streams
from bot.surface import Draft, Place

log = structlog.get_logger(__name__)


class SlackPresenter:
    def __init__(
        self,
        desk: Desk,
        replies: Replies,
        streams: Streams | None = None,
        *,
        illustrator: Illustrator | None = None,
        long_answers: LongAnswers | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Without *streams* every step is shown by updating the reply; without *illustrator* no chart is painted,
        without *long_answers* a text that is too long stays cut."""
        self._desk = desk
        self._replies = replies
        self._streams = streams
        self._illustrator = illustrator
        self._long_answers = long_answers
        self._sleep = sleep

    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        """Raises SlackUnavailable, or SlackApiError when Slack takes no message from us at all."""
        if may_exist and self._streams is not None:
            await self._streams.sweep(place)
        posted, is_new, is_alone = await self._posted(place, may_exist=may_exist)
        streamer = Streamer(self._streams, place) if self._streams is not None else None
        draft = SlackDraft(
            self._desk,
            self._replies,
            place,
            posted,
            is_new=is_new,
            streamer=streamer,
            illustrator=self._illustrator,
            long_answers=self._long_answers,
            sleep=self._sleep,
        )
        try:
            yield draft
        finally:
            await draft.close()
            if not is_alone:
                # A daemon that was killed may have had a post on its way to Slack when we looked for it: by now it
                # stands beside ours, and nobody else will ever take it back.
                await self._desk.take_back_others(place, posted)

    async def redraw(self, channel: str, ts: str, answer: Answer, *, above: tuple[str, ...] = ()) -> None:
        """*above*: mrkdwn that stands over the answer in its message."""
        await self._desk.redraw(channel, ts, answer.turn_id, _below_all(above, render_answer(answer)))
        if self._illustrator is not None:
            await self._illustrator.illustrate(
                channel,
                ts,
                answer,
                lambda picture: named_fields(answer.turn_id, _below_all(above, render_answer(answer, None, picture))),
            )

    async def show_queued(self, place: Place, position: int) -> None:
        if await self._replies.find(place.turn_id) is not None:
            return
        try:
            # Written before it is posted: whoever takes the turn meanwhile knows that it may stand there already.
            taken = await self._replies.take_place(reply_at(place, place.channel, None))
            if taken.reply.ts is not None:
                return  # somebody has begun since we looked
            posted = await self._desk.post_there(place, render_queued(position, place.turn_id, place.language))
            await self._take_place(place, posted)
        except (SlackApiError, SlackUnavailable) as error:
            log.info("slack.queue_sign_lost", turn=place.turn_id, error=repr(error))

    async def _posted(self, place: Place, *, may_exist: bool) -> tuple[Posted, bool, bool]:
        """Where the reply stands; whether it was posted just now and shows nothing else; whether none but us posted."""
        reply = await self._replies.find(place.turn_id)
        if reply is not None and reply.ts is not None:
            return Posted(reply.channel, reply.ts), False, True
        # A crash between Slack's answer and our row leaves a message that only its metadata still ties to the turn.
        is_alone = not may_exist and reply is None
        found = None if is_alone else await self._desk.find(place)
        posted = found or await self._desk.post(place, render_progress({}, place.turn_id, place.language))
        standing, is_first = await self._take_place(place, posted)
        return standing, found is None and standing == posted, is_alone and is_first

    async def _take_place(self, place: Place, posted: Posted) -> tuple[Posted, bool]:
        """Where the reply stands: at *posted*, unless somebody else was first; then *posted* goes. And if we were."""
        taken = await self._replies.take_place(reply_at(place, posted.channel, posted.ts))
        kept = taken.reply
        if kept.ts is None or (kept.channel, kept.ts) == (posted.channel, posted.ts):
            return posted, taken.is_first
        await self._desk.take_back(posted)
        return Posted(kept.channel, kept.ts), taken.is_first


def _below_all(lines: tuple[str, ...], message: Message) -> Message:
    for line in reversed(lines):
        message = below(line, context(line), message)
    return message
