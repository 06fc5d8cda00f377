"""Pictures of the charts that Slack cannot draw: painted, uploaded, and put into an answer that stands already."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import structlog
from slack_sdk.errors import SlackApiError

from agent.policy.masking import masked_table
from agent.results import Results
from agent.turn import Answer, Table
from bot.charts.chart import Chart
from bot.charts.choice import choose_chart
from bot.charts.pictures import Painter
from bot.replies import Replies, decode_answer
from bot.slack.client import PatientClient, error_code
from bot.slack.files import SlackFiles
from bot.slack.gates import Sleep
from bot.slack.messages.chart import Picture, native_block, title_of

log = structlog.get_logger(__name__)

MOST_ROWS: Final = 5_000
"""Of a result that is drawn: more are no picture any more."""
PAUSES: Final = (0.0, 1.0, 2.0, 4.0)
"""Seconds before each try: for a moment after its upload Slack does not know a file as a picture yet."""

FieldsWith = Callable[[Picture], dict[str, Any]]
"""The message with the picture in it, as chat.update is sent it: whoever posted it knows what else stands there."""


class Illustrator:
    def __init__(
        self,
        client: PatientClient,
        files: SlackFiles,
        results: Results,
        replies: Replies,
        painter: Painter,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._files = files
        self._results = results
        self._replies = replies
        self._painter = painter
        self._sleep = sleep

    async def illustrate(self, channel: str, ts: str, answer: Answer, fields_with: FieldsWith) -> None:
        """Put the picture into the answer at *ts*, where it needs one. Never raises: the answer holds without it."""
        try:
            chart = await self._chart(answer)
            if chart is None:
                return
            picture = Picture(await self._uploaded(chart, title_of(answer)), chart)
            # Another form may have been selected while this one was painted: that one stands.
            if await self._is_current(answer):
                await self._show(channel, ts, fields_with(picture))
        except Exception as error:  # the boundary: whatever fails here, the answer stands and its turn is done
            log.warning("slack.no_picture", turn=answer.turn_id, error=repr(error))

    async def _chart(self, answer: Answer) -> Chart | None:
        """What has to be painted; None where there is no chart, or Slack's own shows it."""
        table = answer.table
        if table is None or answer.shown_as == "table":
            return None
        if table.is_truncated:
            whole = await self._whole(answer)
            return choose_chart(whole, answer.shown_as) if whole is not None else None
        chart = choose_chart(table, answer.shown_as)
        if chart is None or native_block(chart, title_of(answer), answer.language) is not None:
            return None
        return chart

    async def _whole(self, answer: Answer) -> Table | None:
        """All rows, as they may be shown here; an answer carries the first few hundred only."""
        if answer.result_id is None or answer.table is None or answer.table.total_rows > MOST_ROWS:
            return None
        stored = await self._results.load(answer.result_id)
        if stored is None or stored.table.is_truncated:
            return None
        columns = stored.table.columns
        hidden = [at for at, column in enumerate(columns) if column.name in stored.masked_columns]
        return masked_table(stored.table, hidden)

    async def _is_current(self, answer: Answer) -> bool:
        reply = await self._replies.find(answer.turn_id)
        if reply is None or reply.answer is None:
            return True
        return decode_answer(reply.answer).shown_as == answer.shown_as

    async def _uploaded(self, chart: Chart, title: str) -> str:
        picture = await self._painter.drawn(chart, title)
        file_id = await self._files.upload("chart.png", BytesIO(picture), len(picture))
        await self._files.keep(file_id, title)
        return file_id

    async def _show(self, channel: str, ts: str, fields: dict[str, Any]) -> None:
        for number, pause in enumerate(PAUSES, start=1):
            await self._sleep(pause)
            try:
                await self._client.chat_update(channel=channel, ts=ts, **fields)
                return
            except SlackApiError as error:
                if error_code(error) != "invalid_blocks" or number == len(PAUSES):
                    raise
