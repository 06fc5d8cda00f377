"""Files of ours in Slack: uploaded as a stream, shared once, found again after a crash."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, cast

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from bot.i18n.catalogue import say_notice
from bot.result_files.delivery import Spot
from bot.slack.action_ids import ActionId, block_id
from bot.slack.client import NETWORK_ERRORS, PatientClient, SlackUnavailable, error_code
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import Message, button, message, section

log = structlog.get_logger(__name__)

CHUNK_BYTES: Final = 256 * 1024
UPLOAD_TIMEOUT: Final = aiohttp.ClientTimeout(total=900, sock_connect=10, sock_read=120)
PAGES: Final = 10
SKEW_SECONDS: Final = 60.0
"""Between Slack's clock and ours."""


class SlackFiles:
    """`bot.result_files.delivery.FileDesk`. Raises SlackUnavailable, and SlackApiError for what Slack refuses."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def upload(self, name: str, file: BinaryIO, size: int) -> str:
        # The SDK's files_upload_v2 makes these same calls, but holds the whole file in memory, read on the loop.
        opened = await self._client.files_getUploadURLExternal(filename=name, length=size)
        await self._send(str(opened["upload_url"]), file, size)
        return str(opened["file_id"])

    async def share(self, spot: Spot, file_id: str, title: str, comment: tuple[Notice, ...]) -> None:
        await self._client.files_completeUploadExternal(
            files=[{"id": file_id, "title": title}],
            channel_id=spot.channel,
            thread_ts=spot.thread_ts,
            initial_comment=" ".join(say_notice(spot.language, notice, style=MRKDWN) for notice in comment),
        )

    async def keep(self, file_id: str, title: str) -> None:
        """Finish an upload that is shared nowhere: a message of ours shows it."""
        await self._client.files_completeUploadExternal(files=[{"id": file_id, "title": title}])

    async def is_shared(self, spot: Spot, file_id: str, since: float) -> bool:
        return await self._find(spot, "id", file_id, since) is not None

    async def is_shared_as(self, spot: Spot, name: str, since: float) -> bool:
        """Whether a file of that name stands there."""
        return await self._find(spot, "name", name, since) is not None

    async def take_away(self, spot: Spot, name: str, since: float) -> None:
        """Delete the file of that name and the message that shows it, where there is one of ours."""
        if (found := await self._find(spot, "name", name, since)) is None:
            return
        try:
            # The message first: where the second call is lost, the file is in no conversation any more.
            await self._client.chat_delete(channel=spot.channel, ts=found.message_ts)
            await self._client.files_delete(file=found.file_id)
        except SlackApiError as error:  # gone already, or somebody else's who knows our names
            log.warning("slack.file_left", channel=spot.channel, ts=found.message_ts, error=error_code(error))

    async def _find(self, spot: Spot, field: str, value: str, since: float) -> "_Shared | None":
        cursor: str | None = None
        for _ in range(PAGES):
            page = await self._page(spot, since, cursor)
            if found := _holding(cast("list[dict[str, Any]]", page.get("messages") or []), field, value):
                return found
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    async def open_note(self, spot: Spot, notice: Notice, file_lane: str) -> str:
        thread: dict[str, Any] = {"thread_ts": spot.thread_ts} if spot.thread_ts else {}
        note = _note(spot, notice, file_lane)
        posted = await self._client.chat_postMessage(
            channel=spot.channel, text=note.text, blocks=list(note.blocks), **thread
        )
        return str(posted["ts"])

    async def change_note(self, spot: Spot, ts: str, notice: Notice, file_lane: str) -> None:
        note = _note(spot, notice, file_lane)
        fields: dict[str, Any] = {"channel": spot.channel, "ts": ts, "text": note.text, "blocks": list(note.blocks)}
        await self._client.call_once("chat.update", json=fields)

    async def close_note(self, spot: Spot, ts: str) -> None:
        try:
            await self._client.chat_delete(channel=spot.channel, ts=ts)
        except (SlackApiError, SlackUnavailable) as error:
            log.warning("slack.note_left", channel=spot.channel, ts=ts, error=repr(error))

    async def _send(self, url: str, file: BinaryIO, size: int) -> None:
        session = self._client.session
        assert session is not None, "open_client gives it one"
        try:
            async with session.post(
                url,
                data=_chunks(file),
                headers={"Content-Length": str(size), "Content-Type": "application/octet-stream"},
                timeout=UPLOAD_TIMEOUT,
                proxy=self._client.proxy,
            ) as answer:
                if answer.status != 200:
                    raise SlackUnavailable(f"upload: HTTP {answer.status}")
        except NETWORK_ERRORS as error:
            raise SlackUnavailable(f"upload: {error!r}") from error

    async def _page(self, spot: Spot, since: float, cursor: str | None) -> Mapping[str, Any]:
        arguments: dict[str, Any] = {"channel": spot.channel, "oldest": f"{max(0.0, since - SKEW_SECONDS):.6f}"}
        arguments |= {"limit": 200, **({"cursor": cursor} if cursor else {})}
        try:
            if spot.thread_ts is None:
                return cast("Mapping[str, Any]", await self._client.conversations_history(**arguments))
            return cast("Mapping[str, Any]", await self._client.conversations_replies(ts=spot.thread_ts, **arguments))
        except SlackApiError as error:
            # No scope to read, an archived channel: then the worst is a second file, the best the one asked for.
            log.warning("slack.search_refused", channel=spot.channel, error=error_code(error))
            return {}


async def _chunks(file: BinaryIO) -> AsyncGenerator[bytes]:
    while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
        yield chunk


@dataclass(frozen=True, slots=True)
class _Shared:
    file_id: str
    message_ts: str


def _holding(messages: Iterable[Mapping[str, Any]], field: str, value: str) -> _Shared | None:
    for one in messages:
        for file in one.get("files") or ():
            if file.get(field) == value:
                return _Shared(str(file["id"]), str(one["ts"]))
    return None


def _note(spot: Spot, notice: Notice, file_lane: str) -> Message:
    text = say_notice(spot.language, notice, style=MRKDWN)
    stop = button(spot.language, ActionId.STOP_FILE, file_lane)
    actions = {"type": "actions", "block_id": block_id("file", spot.language), "elements": [stop]}
    return message([text], [section(text), actions])
