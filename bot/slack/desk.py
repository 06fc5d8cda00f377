"""Posts one reply and replaces it, so that there is one: found after a crash, whole when its blocks are rejected."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import MaybeDone, PatientClient, SlackUnavailable, error_code, urgent
from bot.slack.find_reply import find_replies, find_reply
from bot.slack.gates import Sleep, Urgency
from bot.slack.markup import unlinked
from bot.slack.messages.message import Message
from bot.slack.messages.reply import UNREACHABLE, explained, named_fields, reply_fields
from bot.surface import Place

log = structlog.get_logger(__name__)

TRIES: Final = 3
REJECTED: Final = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "too_many_blocks",
        "block_mismatch",
        "invalid_arguments",
    }
)
GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
"""Errors of chat.update: what was posted is no longer there, or no longer ours."""
CLOSED: Final[Mapping[str, str]] = {
    "not_in_channel": "post.not_in_channel",
    "is_archived": "post.archived",
    "channel_not_found": "post.not_in_channel",  # a private one that we are not in
    "missing_scope": "post.missing_scope",
    "no_permission": "post.missing_scope",
    "restricted_action": "post.restricted",
    "restricted_action_read_only_channel": "post.restricted",
    "restricted_action_thread_only_channel": "post.restricted",
    "restricted_action_non_threadable_channel": "post.restricted",
    "restricted_action_thread_locked": "post.restricted",
}
"""Errors with which a channel is closed to us, and what the asker is told in private to do about it."""


@dataclass(frozen=True, slots=True)
class Posted:
    channel: str
    ts: str
    why_here: str = UNREACHABLE
    """The sentence that says why it stands there, where that is not where they asked."""


Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[Posted]]
"""Sends the fields of a message."""


class Desk:
    """Where replies are posted from."""

    def __init__(self, client: PatientClient, *, bot_user: str, sleep: Sleep = asyncio.sleep) -> None:
        self._client = client
        self._bot_user = bot_user
        self._sleep = sleep

    async def post(self, place: Place, message: Message) -> Posted:
        """Post *message* as the reply of *place*; to the asker in private where the channel is closed to us."""
        try:
            return await self._post(place, place.channel, place.thread_ts, message)
        except SlackApiError as error:
            if error_code(error) not in CLOSED:
                raise
            log.warning("slack.channel_closed", channel=place.channel, error=error_code(error), turn=place.turn_id)
            why = CLOSED[error_code(error)]
        direct = await self._direct_channel(place.user)
        posted = await self._post(place, direct, None, explained(place, direct, message, why))
        return replace(posted, why_here=why)

    async def post_there(self, place: Place, message: Message) -> Posted:
        """Post *message* at *place* and nowhere else. SlackApiError where it is closed to us."""
        return await self._post(place, place.channel, place.thread_ts, message)

    async def redraw(self, channel: str, ts: str, turn_id: str, message: Message) -> None:
        """Put *message* where an older one of ours stands; best effort, for what is shown there holds without it."""
        try:
            await self._client.chat_update(channel=channel, ts=ts, **named_fields(turn_id, message))
        except (SlackApiError, SlackUnavailable) as error:
            log.warning("slack.not_redrawn", channel=channel, turn=turn_id, error=repr(error))

    async def replace(self, place: Place, posted: Posted, message: Message) -> Posted:
        """Put *message* where *posted* stands; post it anew when that is gone."""
        shown = explained(place, posted.channel, message, posted.why_here)

        async def update(fields: dict[str, Any]) -> Posted:
            await self._client.chat_update(channel=posted.channel, ts=posted.ts, **fields)
            return posted

        with urgent(Urgency.ANSWER):
            try:
                await self._unless_rejected(place, shown, update)
            except SlackApiError as error:
                # Closed meanwhile: a post finds out the same, and goes to the asker instead.
                if error_code(error) not in GONE and error_code(error) not in CLOSED:
                    raise
                log.warning("slack.reply_gone", channel=posted.channel, error=error_code(error), turn=place.turn_id)
                return await self.post(place, message)
            return posted

    async def take_back(self, posted: Posted) -> None:
        """Delete it; best effort."""
        try:
            await self._client.chat_delete(channel=posted.channel, ts=posted.ts)
        except (SlackApiError, SlackUnavailable) as error:
            log.warning("slack.not_taken_back", channel=posted.channel, ts=posted.ts, error=repr(error))

    async def take_back_others(self, place: Place, standing: Posted) -> None:
        """Leave *standing* alone of what was ever posted as the reply of *place*; best effort."""
        try:
            found = await find_replies(self._client, self._bot_user, place)
        except SlackUnavailable as error:
            log.warning("slack.others_unknown", channel=place.channel, turn=place.turn_id, error=repr(error))
            return
        for ts in found:
            if (place.channel, ts) != (standing.channel, standing.ts):
                await self.take_back(Posted(place.channel, ts))

    async def touch(self, place: Place, posted: Posted, message: Message) -> bool:
        """Show a step in *posted*; False when Slack has no room for it right now. One that it refuses is dropped."""
        fields = reply_fields(place, explained(place, posted.channel, message, posted.why_here))
        try:
            arguments = {"channel": posted.channel, "ts": posted.ts, **fields}
            return await self._client.try_now("chat.update", json=arguments) is not None
        except (SlackApiError, SlackUnavailable) as error:
            log.info("slack.step_dropped", channel=posted.channel, turn=place.turn_id, error=repr(error))
            return True

    async def _direct_channel(self, user: str) -> str:
        try:
            opened = await self._client.conversations_open(users=user)
        except SlackApiError as error:
            # Without im:write: to a person's id Slack posts with chat:write alone.
            log.info("slack.direct_message_not_opened", user=user, error=error_code(error))
            return user
        return str((opened["channel"] or {})["id"])

    async def find(self, place: Place) -> Posted | None:
        """The reply that an earlier attempt posted and had no time to write down, by its metadata."""
        ts = await find_reply(self._client, self._bot_user, place)
        return Posted(place.channel, ts) if ts is not None else None

    async def _post(self, place: Place, channel: str, thread_ts: str | None, message: Message) -> Posted:
        thread: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}

        async def send(fields: dict[str, Any]) -> Posted:
            response = await self._client.chat_postMessage(
                channel=channel, unfurl_links=False, unfurl_media=False, **thread, **fields
            )
            return Posted(str(response["channel"]), str(response["ts"]))

        for tried in range(1, TRIES + 1):
            try:
                return await self._unless_rejected(place, message, send)
            except MaybeDone:
                # Slack may have posted it and lost the answer: a second one would stand beside it for good.
                if channel == place.channel and (posted := await self.find(place)) is not None:
                    return posted
                if tried == TRIES or channel != place.channel:
                    raise
                await self._sleep(0.5 * 2**tried)
        raise AssertionError("unreachable")

    async def _unless_rejected(self, place: Place, message: Message, send: Send) -> Posted:
        try:
            return await send(reply_fields(place, message))
        except SlackApiError as error:
            if error_code(error) not in REJECTED or not message.blocks:
                raise
            # A defect of ours, and the person's answer all the same: the text alone says all of it.
            log.error("slack.blocks_rejected", turn=place.turn_id, error=error_code(error), response=str(error))
            return await send(reply_fields(place, Message(unlinked(message.text))))
