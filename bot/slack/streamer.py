"""One turn's plan, streamed: begun once the turn takes long, grown by what has changed, begun anew before it is old."""

from collections.abc import Mapping
from typing import Final

import structlog

from agent.turn import Progress, Step
from bot.slack.client import SlackUnavailable
from bot.slack.messages.plan import plan_chunks, task_chunks
from bot.slack.streams import StreamGone, Streams
from bot.surface import Place

log = structlog.get_logger(__name__)

AFTER_SECONDS: Final = 1.5
"""A turn that is quicker needs no stream: twenty a minute is all that a workspace has."""
ROTATE_SECONDS: Final = 240.0
"""Slack ends a stream about five minutes after its start, whatever is appended."""


class Streamer:
    """Called by one task at a time. An upgrade of the reply, never the reply: no answer depends on it."""

    def __init__(self, streams: Streams, place: Place) -> None:
        self._streams = streams
        self._place = place
        self._clock = streams.clock
        self._opened_at = self._clock()
        self._ts: str | None = None
        self._started_at = 0.0
        self._shown: dict[Step, Progress] = {}
        self._may_have_strayed = False

    async def show(self, steps: Mapping[Step, Progress]) -> bool:
        """Bring the plan up to date; False where there is none now, and the caller shows the steps otherwise."""
        if self._ts is not None and self._clock() - self._started_at > ROTATE_SECONDS:
            await self.end()
        if self._ts is None:
            return await self._start(steps)
        changed = {step: progress for step, progress in steps.items() if self._shown.get(step) != progress}
        return not changed or await self._append(self._ts, changed)

    async def end(self) -> None:
        """Put the plan away."""
        ts, self._ts = self._ts, None
        self._shown = {}
        if ts is not None:
            await self._streams.put_away(self._place.channel, ts)
        if self._may_have_strayed:
            self._may_have_strayed = False
            await self._streams.sweep(self._place)

    async def _start(self, steps: Mapping[Step, Progress]) -> bool:
        if not steps or self._may_have_strayed or self._clock() - self._opened_at < AFTER_SECONDS:
            return False
        language = self._place.language
        chunks = [*plan_chunks(language), *task_chunks(steps.values(), self._place.turn_id, language)]
        started_at = self._clock()  # before the call: Slack's five minutes may begin before we hear of it
        try:
            self._ts = await self._streams.start(self._place, chunks)
        except SlackUnavailable as error:
            # It may stand in the thread all the same: looked for at the end, and no second one is begun beside it.
            log.info("slack.stream_may_have_strayed", turn=self._place.turn_id, error=str(error))
            self._may_have_strayed = True
            return False
        self._started_at, self._shown = started_at, dict(steps)
        return self._ts is not None

    async def _append(self, ts: str, changed: Mapping[Step, Progress]) -> bool:
        chunks = task_chunks(changed.values(), self._place.turn_id, self._place.language)
        try:
            if await self._streams.append(self._place.channel, ts, chunks):
                self._shown.update(changed)
        except StreamGone as error:
            log.info("slack.stream_gone", turn=self._place.turn_id, error=str(error))
            await self.end()
            return False
        except SlackUnavailable as error:
            log.info("slack.stream_stalled", turn=self._place.turn_id, error=str(error))
        return True  # what did not get through is sent again at the next tick
