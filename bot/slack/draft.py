"""A reply while it is worked on: its steps are streamed beside it or shown in it, and its ending wins over all."""

import asyncio
from typing import Any, Final

import structlog

from agent.notice import Notice
from agent.turn import Answer, Progress, Step
from bot.replies import Replies, Reply
from bot.slack.desk import Desk, Posted
from bot.slack.gates import Sleep
from bot.slack.illustrator import Illustrator
from bot.slack.long_answers import LongAnswers
from bot.slack.messages.answer import render_answer
from bot.slack.messages.chart import Picture
from bot.slack.messages.help import render_help
from bot.slack.messages.message import Message
from bot.slack.messages.notices import render_notices
from bot.slack.messages.progress import render_progress
from bot.slack.messages.reply import explained, reply_fields
from bot.slack.streamer import Streamer
from bot.surface import Place

log = structlog.get_logger(__name__)

TICK_SECONDS: Final = 1.0
"""Between two sights of the steps: of what came in between the latest is shown."""


class SlackDraft:
    """Entered by `SlackPresenter.open`, which also closes it."""

    def __init__(
        self,
        desk: Desk,
        replies: Replies,
        place: Place,
        posted: Posted,
        *,
        is_new: bool,
        streamer: Streamer | None,
        illustrator: Illustrator | None,
        long_answers: LongAnswers | None,
        sleep: Sleep,
    ) -> None:
        """*is_new*: *posted* shows that we work on it, and nothing else. Without a *streamer* steps are shown there."""
        self._desk = desk
        self._replies = replies
        self._place = place
        self._posted = posted
        self._streamer = streamer
        self._illustrator = illustrator
        self._long_answers = long_answers
        self._sleep = sleep
        self._steps: dict[Step, Progress] = {}
        self._standing: dict[Step, Progress] | None = {} if is_new else None
        """The steps that the reply itself shows; None: something else."""
        self._news = asyncio.Event()
        # Held over each update: an ending must not be overtaken by a step that is still on its way to Slack.
        self._updating = asyncio.Lock()
        self._ticker = asyncio.create_task(self._tick(), name=f"progress-{place.turn_id}")

    async def show(self, progress: Progress) -> None:
        self._steps[progress.step] = progress
        self._news.set()

    async def finish(self, answer: Answer, seconds: float | None) -> None:
        await self._end(render_answer(answer, seconds))
        if self._long_answers is not None:
            await self._long_answers.attach(self._place, self._posted.channel, answer)
        if self._illustrator is not None:
            channel, ts = self._posted.channel, self._posted.ts

            def fields(picture: Picture) -> dict[str, Any]:
                message = render_answer(answer, seconds, picture)
                return reply_fields(self._place, explained(self._place, channel, message, self._posted.why_here))

            await self._illustrator.illustrate(channel, ts, answer, fields)

    async def say(self, *notices: Notice) -> None:
        await self._end(render_notices(notices, self._place.language))

    async def help(self) -> None:
        await self._end(render_help(self._place.language))

    async def close(self) -> None:
        """Show no more steps, and put the plan away. What is on its way arrives first."""
        await self._stop_ticking()
        if self._streamer is not None:
            await self._streamer.end()

    async def _end(self, message: Message) -> None:
        await self._stop_ticking()
        posted = await self._desk.replace(self._place, self._posted, message)
        if posted != self._posted:
            self._posted = posted
            await keep_place(self._replies, self._place, posted)

    async def _stop_ticking(self) -> None:
        async with self._updating:
            self._ticker.cancel()
        await asyncio.wait([self._ticker])

    async def _tick(self) -> None:
        while True:
            await self._wait_for_news()
            async with self._updating:
                await self._show_steps()
            await self._sleep(TICK_SECONDS)

    async def _wait_for_news(self) -> None:
        """Not for long: a stream may begin late, must be rotated, and what found no room is shown at the next tick."""
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()

    async def _show_steps(self) -> None:
        try:
            is_streamed = self._streamer is not None and await self._streamer.show(self._steps)
            wanted = {} if is_streamed else dict(self._steps)
            if wanted != self._standing:
                message = render_progress(wanted, self._place.turn_id, self._place.language)
                if await self._desk.touch(self._place, self._posted, message):
                    self._standing = wanted
        except Exception:  # the boundary of the ticker: the steps are decoration, the turn is not
            log.exception("slack.progress_failed", turn=self._place.turn_id)


async def keep_place(replies: Replies, place: Place, posted: Posted) -> None:
    """Write down where the reply stands."""
    await replies.keep_place(reply_at(place, posted.channel, posted.ts))


def reply_at(place: Place, channel: str, ts: str | None) -> Reply:
    """The row of a reply that stands there; without a *ts* it is about to."""
    return Reply(place.turn_id, place.conversation, channel, place.thread_ts, ts=ts, asked_by=place.user)
