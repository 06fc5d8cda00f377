"""Pressed buttons. Slack brings a click once only: where it cannot be taken, the person is told at once."""

import asyncio
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Language
from bot.inbox.items import Item
from bot.slack.action_ids import ActionId, language_of_block
from bot.slack.chart_clicks import chart_from_click
from bot.slack.clicks import Click, click_of
from bot.slack.client import PatientClient, SlackUnavailable
from bot.slack.file_clicks import file_from_click, stop_file_from_click
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.modals.receipt import loading_receipt
from bot.slack.modals.refine import loading_refine
from bot.slack.modals.sql import loading_view
from bot.slack.pressed import (
    decision_from_click,
    question_from_click,
    sql_view_from_click,
    stop_from_click,
    twin_from_click,
)
from bot.slack.receipt_clicks import receipt_from_click, run_again_from_click
from bot.slack.refinements import refine_from_click
from bot.slack.whispers import SlackWhispers

log = structlog.get_logger(__name__)

TRIGGER_SECONDS: Final = 2.5
"""A trigger lives three seconds, and so does Slack's patience for the ack."""

Now = Callable[[], Decimal]
EmptyView = Callable[[Language], dict[str, Any]]
Filling = Callable[[dict[str, Any], str, Decimal], Item]
"""Of a click's body, the opened view's id, and the time: what fills the view."""


class ClickListeners:
    def __init__(self, *, client: PatientClient, intake: Intake, whispers: SlackWhispers, now: Now) -> None:
        self._client = client
        self._intake = intake
        self._whispers = whispers
        self._now = now

    def register(self, app: AsyncApp) -> None:
        app.action(ActionId.APPROVE.value)(self.on_decision)
        app.action(ActionId.CANCEL.value)(self.on_decision)
        app.action(re.compile(rf"{ActionId.TWIN}:\d+"))(self.on_twin)
        app.action(ActionId.STOP.value)(self.on_stop)
        app.action(re.compile(rf"({ActionId.CHOOSE}|{ActionId.ASK}):\d+"))(self.on_question)
        app.action(ActionId.SHOW_SQL.value)(self.on_show_sql)
        app.action(ActionId.RECEIPT.value)(self.on_receipt)
        app.action(ActionId.RUN_AGAIN.value)(self.on_run_again)
        app.action(ActionId.REFINE.value)(self.on_refine)
        app.action(ActionId.CSV_FILE.value)(self.on_file)
        app.action(ActionId.XLSX_FILE.value)(self.on_file)
        app.action(ActionId.CHART.value)(self.on_chart)
        app.action(ActionId.STOP_FILE.value)(self.on_stop_file)

    async def on_decision(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), decision_from_click(body, self._now()))
        await ack()

    async def on_twin(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), twin_from_click(body, self._now()))
        await ack()

    async def on_question(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), question_from_click(body, self._now()))
        await ack()

    async def on_stop(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), stop_from_click(body, self._now()))
        await ack()

    async def on_file(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), file_from_click(body, self._now()))
        await ack()

    async def on_chart(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), chart_from_click(body, self._now()))
        await ack()

    async def on_stop_file(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), stop_file_from_click(body, self._now()))
        await ack()

    async def on_show_sql(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._open_and_fill(body, loading_view, sql_view_from_click)
        await ack()

    async def on_receipt(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._open_and_fill(body, loading_receipt, receipt_from_click)
        await ack()

    async def on_refine(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._open_and_fill(body, loading_refine, refine_from_click)
        await ack()

    async def on_run_again(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._take(click_of(body), run_again_from_click(body, self._now()))
        await ack()

    async def _open_and_fill(self, body: dict[str, Any], empty: EmptyView, filling: Filling) -> None:
        """The modal first, empty: the database may be slower than the trigger lives."""
        click = click_of(body)
        view_id = await self._open_view(click, empty(language_of_block(click.block)))
        if view_id is None:
            await self._tell(click, "modal.expired")
        else:
            await self._take(click, filling(body, view_id, self._now()))

    async def _open_view(self, click: Click, view: dict[str, Any]) -> str | None:
        try:
            async with asyncio.timeout(TRIGGER_SECONDS):
                response = await self._client.views_open(trigger_id=click.trigger, view=view)
        except (SlackApiError, SlackUnavailable, TimeoutError) as error:
            log.warning("slack.view_not_opened", channel=click.channel, user=click.user, error=repr(error))
            return None
        opened: dict[str, Any] = response["view"] or {}
        return str(opened["id"])

    async def _take(self, click: Click, item: Item) -> None:
        try:
            await self._intake.take(item)
        except NotStored as error:
            # Acked all the same: Slack does not bring a click again, and the ack itself shows the person nothing.
            log.error("slack.click_lost", item=item.dedupe_key, error=str(error))
            await self._tell(click, "turn.busy")

    async def _tell(self, click: Click, code: str) -> None:
        language = language_of_block(click.block)
        await self._whispers.whisper(click.channel, click.user, Notice(code), language, thread_ts=click.thread_ts)
