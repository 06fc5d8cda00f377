"""The streams of the workspace: begun while there is room, grown, put away when their turn has ended or crashed."""

import asyncio
import time
from typing import Any, Final, cast

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import PatientClient, SlackUnavailable, error_code, urgent
from bot.slack.gates import Clock, Sleep, Urgency
from bot.slack.identity import Identity
from bot.slack.messages.message import Block
from bot.slack.messages.plan import is_plan_of
from bot.slack.remembered import Remembered
from bot.surface import Place

log = structlog.get_logger(__name__)

REFUSED_SECONDS: Final = 600.0
"""How long a channel that takes no streams is not asked again: a refusal costs a call of the workspace's budget."""
MOST_REFUSALS: Final = 10_000
LINGER_SECONDS: Final = 2.0
"""How long the end of a turn waits for its plan to go; after that it goes beside the next ones."""
CLOSING_SECONDS: Final = 5.0
PAUSES: Final = (5.0, 60.0, 300.0)
"""Seconds between tries to put a stream away. By the last one Slack has ended it by itself."""
SKEW_SECONDS: Final = 60.0
"""Between Slack's clock and ours."""
GONE: Final = frozenset({"message_not_found", "channel_not_found", "thread_not_found"})
ENDED: Final = GONE | {"message_not_in_streaming_state"}
"""An earlier try, a person or Slack itself has ended the stream."""


class StreamGone(Exception):
    """Slack has ended the stream, or somebody has deleted it."""


class Streams:
    def __init__(
        self,
        client: PatientClient,
        me: Identity,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._me = me
        self.clock = clock
        self._sleep = sleep
        self._refused = Remembered[str, bool](most=MOST_REFUSALS, clock=clock)
        self._putting_away: set[asyncio.Task[None]] = set()

    async def start(self, place: Place, chunks: list[Block]) -> str | None:
        """Begin a stream below the question; its ts, or None where there is no room or the channel takes none.

        Raises SlackUnavailable when Slack may have begun one and could not say so.
        """
        if place.thread_ts is None or self._refused.fresh(place.channel):
            return None
        arguments: dict[str, Any] = {
            "channel": place.channel,
            "thread_ts": place.thread_ts,
            "recipient_user_id": place.user,
            "recipient_team_id": self._me.team,
            "task_display_mode": "plan",
            "chunks": chunks,
        }
        try:
            response = await self._client.try_now("chat.startStream", json=arguments)
        except SlackApiError as error:
            log.info("slack.stream_refused", channel=place.channel, error=error_code(error))
            self._refused.put(place.channel, True, seconds=REFUSED_SECONDS)
            return None
        return str(response["ts"]) if response is not None else None

    async def append(self, channel: str, ts: str, chunks: list[Block]) -> bool:
        """False: there was no room for it now. Raises StreamGone, SlackUnavailable."""
        try:
            arguments = {"channel": channel, "ts": ts, "chunks": chunks}
            return await self._client.try_now("chat.appendStream", json=arguments) is not None
        except SlackApiError as error:
            raise StreamGone(error_code(error)) from error

    async def put_away(self, channel: str, ts: str) -> None:
        """Stop the stream and delete its message, if need be after this has returned: the answer stands elsewhere."""
        task = asyncio.create_task(self._put_away(channel, ts), name=f"stream-{ts}")
        self._putting_away.add(task)
        task.add_done_callback(self._putting_away.discard)
        await asyncio.wait({task}, timeout=LINGER_SECONDS)

    async def sweep(self, place: Place) -> None:
        """Put away what a crash has left of this turn: a stream of ours in its thread that nobody grows any more.

        Call it while no stream of the turn is open. Best effort: Slack ends what is left after five minutes.
        """
        if place.thread_ts is None:
            return
        try:
            page = await self._client.conversations_replies(
                channel=place.channel,
                ts=place.thread_ts,
                oldest=f"{max(0.0, place.asked_at - SKEW_SECONDS):.6f}",
                limit=200,
            )
        except (SlackApiError, SlackUnavailable) as error:
            log.info("slack.streams_not_swept", channel=place.channel, turn=place.turn_id, error=repr(error))
            return
        for message in cast("list[dict[str, Any]]", page.get("messages") or []):
            if message.get("user") == self._me.bot_user and _is_left_over(place.turn_id, message):
                log.info("slack.stream_swept", channel=place.channel, turn=place.turn_id)
                await self.put_away(place.channel, str(message["ts"]))

    async def close(self) -> None:
        """Give what is being put away a moment, then leave it: Slack ends it by itself."""
        if not self._putting_away:
            return
        _, late = await asyncio.wait(set(self._putting_away), timeout=CLOSING_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _put_away(self, channel: str, ts: str) -> None:
        for pause in (*PAUSES, None):
            try:
                with urgent(Urgency.TIDYING):
                    await self._stop_and_delete(channel, ts)
            except (SlackApiError, SlackUnavailable) as error:
                log.info("slack.stream_not_put_away", channel=channel, ts=ts, error=repr(error))
            except Exception:  # the boundary of the task: nobody waits for it
                log.exception("slack.stream_not_put_away", channel=channel, ts=ts)
            else:
                return
            if pause is not None:
                await self._sleep(pause)
        log.warning("slack.stream_left", channel=channel, ts=ts)

    async def _stop_and_delete(self, channel: str, ts: str) -> None:
        try:
            if await self._client.try_now("chat.stopStream", json={"channel": channel, "ts": ts}) is None:
                # Many turns have ended together. Whether Slack deletes what still streams it does not say: if it does
                # not, the plan stands until there is room to stop it.
                if await self._is_deleted(channel, ts):
                    return
                await self._client.chat_stopStream(channel=channel, ts=ts)
        except SlackApiError as error:
            if error_code(error) not in ENDED:
                raise
        if not await self._is_deleted(channel, ts):
            log.warning("slack.stream_not_deleted", channel=channel, ts=ts)

    async def _is_deleted(self, channel: str, ts: str) -> bool:
        """Delete the message; False where Slack refuses."""
        try:
            await self._client.chat_delete(channel=channel, ts=ts)
        except SlackApiError as error:
            log.info("slack.stream_delete_refused", channel=channel, ts=ts, error=error_code(error))
            return error_code(error) in GONE
        return True


def _is_left_over(turn_id: str, message: dict[str, Any]) -> bool:
    # One turn at a time speaks in a thread: whatever still streams there was begun by an earlier attempt.
    return message.get("streaming_state") == "in_progress" or is_plan_of(turn_id, message)
