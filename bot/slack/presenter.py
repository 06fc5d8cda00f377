"""Opens the one visible reply of a turn: the row first, then Slack's own memory, then a new message."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agent.turn import Answer
from bot.replies import Replies
from bot.slack.desk import Desk, Posted
from bot.slack.draft import SlackDraft, keep_place
from bot.slack.gates import Sleep
from bot.slack.messages.answer import render_answer
from bot.slack.messages.progress import render_progress
from bot.slack.streamer import Streamer
from bot.slack.streams import Streams
from bot.surface import Draft, Place


class SlackPresenter:
    def __init__(
        self, desk: Desk, replies: Replies, streams: Streams | None = None, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        """Without *streams* every step is shown by updating the reply."""
        self._desk = desk
        self._replies = replies
        self._streams = streams
        self._sleep = sleep

    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        """Raises SlackUnavailable, or SlackApiError when Slack takes no message from us at all."""
        if may_exist and self._streams is not None:
            await self._streams.sweep(place)
        posted, is_new = await self._posted(place, may_exist=may_exist)
        streamer = Streamer(self._streams, place) if self._streams is not None else None
        draft = SlackDraft(
            self._desk, self._replies, place, posted, is_new=is_new, streamer=streamer, sleep=self._sleep
        )
        try:
            yield draft
        finally:
            await draft.close()

    async def redraw(self, channel: str, ts: str, answer: Answer) -> None:
        await self._desk.redraw(channel, ts, answer.turn_id, render_answer(answer))

    async def _posted(self, place: Place, *, may_exist: bool) -> tuple[Posted, bool]:
        """Where the reply stands, and whether it was posted just now."""
        reply = await self._replies.find(place.turn_id)
        if reply is not None and reply.ts is not None:
            return Posted(reply.channel, reply.ts), False
        # A crash between Slack's answer and our row leaves a message that only its metadata still ties to the turn.
        found = await self._desk.find(place) if may_exist else None
        posted = found or await self._desk.post(place, render_progress({}, place.turn_id, place.language))
        await keep_place(self._replies, place, posted)
        return posted, found is None
