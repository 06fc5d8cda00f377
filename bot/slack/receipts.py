"""Receipts in Slack: into the modal that is open, or to who gave the command."""

from typing import Any, Final

import structlog
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Language
from bot.receipts.receipt import Receipt
from bot.slack.client import PatientClient, error_code
from bot.slack.messages.receipt import render_receipt
from bot.slack.modals.receipt import receipt_sentence, receipt_view
from bot.slack.responses import SlackResponses

log = structlog.get_logger(__name__)

_MOST_SQL: Final = 4
"""Sections of SQL in a message; the modal has room for all of it."""


class SlackReceipts:
    """`bot.receipts.service.ReceiptViews`."""

    def __init__(self, client: PatientClient, responses: SlackResponses) -> None:
        self._client = client
        self._responses = responses

    async def fill(self, view_id: str, receipt: Receipt) -> None:
        await self._update(view_id, receipt_view(receipt))

    async def say(self, view_id: str, notice: Notice, language: Language) -> None:
        await self._update(view_id, receipt_sentence(language, notice))

    async def respond(self, address: str, receipt: Receipt) -> None:
        await self._responses.show(address, render_receipt(receipt, most_sql=_MOST_SQL))

    async def _update(self, view_id: str, view: dict[str, Any]) -> None:
        try:
            await self._client.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            # Closed before it was filled, most likely: nobody is looking any more.
            log.info("slack.view_gone", view=view_id, error=error_code(error))
