"""The agent session of a thread: Slack shows that we work, on what, and a stop button of its own, until we rest.

Decoration: nothing here keeps an answer waiting or lets it fail. A session that a crash left "processing" is put to
rest by the turn's next attempt.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Final

import structlog
from slack_sdk.errors import SlackApiError

from agent.turn import Progress
from bot.i18n.catalogue import say
from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.gates import Clock, Sleep
from bot.slack.messages.message import fitted
from bot.surface import Place

log = structlog.get_logger(__name__)

TICK_SECONDS: Final = 1.0
"""Between two words about one session; the latest wins."""
REST_SECONDS: Final = 5.0
"""For the words that end a session: a worker is wanted elsewhere."""
OFF_SECONDS: Final = 600.0
"""After Slack refused for no reason of one place's: the app is no agent, or lacks a scope."""
LONGEST_TITLE: Final = 200
_OF_THE_PLACE: Final = frozenset(
    {
        "channel_not_found",
        "invalid_thread_ts",
        "is_archived",
        "message_not_found",
        "not_in_channel",
        "thread_not_found",
        "user_not_found",
        "user_not_in_channel",
    }
)


@dataclass(frozen=True, slots=True)
class _Thread:
    channel: str
    ts: str


class Sessions:
    def __init__(self, client: PatientClient, *, sleep: Sleep = asyncio.sleep, clock: Clock = time.monotonic) -> None:
        self._client = client
        self._sleep = sleep
        self._clock = clock
        self._off_until = 0.0

    def begin(self, place: Place) -> "Session":
        """Returns at once. Asked at the top of a direct message, Slack has a session for each message there."""
        ts = place.thread_ts or place.said_at
        is_off = self._clock() < self._off_until
        return Session(self, None if ts is None or is_off else _Thread(place.channel, ts), place, self._sleep)

    async def work(self, thread: _Thread, place: Place) -> bool:
        """False when Slack does not show that we work: True also where that cannot be told."""
        try:
            response = await self._client.try_now(
                "agents.sessions.setStatus",
                json={
                    "channel_id": thread.channel,
                    "thread_ts": thread.ts,
                    "status": "processing",
                    "initiator_user_id": place.user,
                    **({"title": fitted(" ".join(place.title.split()), LONGEST_TITLE)} if place.title.strip() else {}),
                },
            )
        except SlackApiError as error:
            code = error_code(error)
            if code not in _OF_THE_PLACE:
                self._off_until = self._clock() + OFF_SECONDS
            log.info("slack.no_session", channel=thread.channel, error=code)
            return False
        except SlackUnavailable:
            return True
        return response is not None

    async def tell(self, thread: _Thread, words: str) -> None:
        about = {"channel_id": thread.channel, "thread_ts": thread.ts, "status": words}
        await self._client.call_once("assistant.threads.setStatus", json=about)

    async def rest(self, thread: _Thread, *, told: bool) -> None:
        """Until this is said, Slack offers to stop what has ended."""
        try:
            async with asyncio.timeout(REST_SECONDS):
                if told:  # what is written over our first message does not take the words away, as a new one would
                    await self._client.assistant_threads_setStatus(
                        channel_id=thread.channel, thread_ts=thread.ts, status=""
                    )
                await self._client.agents_sessions_setStatus(
                    channel_id=thread.channel, thread_ts=thread.ts, status="active"
                )
        except (SlackApiError, SlackUnavailable, TimeoutError) as error:
            log.warning("slack.session_not_ended", channel=thread.channel, error=repr(error))


class Session:
    """One turn's. Begun when it is made; `end` or `leave` must be awaited."""

    def __init__(self, sessions: Sessions, thread: _Thread | None, place: Place, sleep: Sleep) -> None:
        self._sessions = sessions
        self._thread = thread
        self._place = place
        self._sleep = sleep
        self._words = ""
        self._news = asyncio.Event()
        self._is_quiet = asyncio.Event()
        """Set while nothing of ours is on its way to Slack; the beginning is, from the start."""
        self._is_working = True
        self._has_told = False
        self._task = (
            asyncio.create_task(self._run(thread), name=f"session-{place.turn_id}") if thread is not None else None
        )

    def show(self, progress: Progress) -> None:
        if progress.state == "running":
            self._words = say(self._place.language, f"session.status.{progress.step}")
            self._news.set()

    async def end(self) -> None:
        if self._thread is None:
            return
        # What is cancelled on its way may reach Slack all the same, and after the end.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REST_SECONDS):
                while not self._is_quiet.is_set():
                    await self._is_quiet.wait()
        await self.leave()
        if self._is_working:
            await self._sessions.rest(self._thread, told=self._has_told)

    async def leave(self) -> None:
        """Say nothing more, and leave Slack to show that the work goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, thread: _Thread) -> None:
        try:
            self._is_working = await self._sessions.work(thread, self._place)
            self._is_quiet.set()
            while self._is_working:
                await self._news.wait()
                self._news.clear()
                self._is_quiet.clear()
                self._has_told = True
                await self._sessions.tell(thread, self._words)
                self._is_quiet.set()
                await self._sleep(TICK_SECONDS)
        except Exception:  # the boundary of the task: the turn does not depend on it
            log.exception("slack.session_failed", turn=self._place.turn_id)
            self._is_quiet.set()
