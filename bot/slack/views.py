"""Modals that are open already."""

from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from agent.turn import Answer, Language
from bot.slack.client import PatientClient, error_code
from bot.slack.modals.sql import sentence_view, sql_view

log = structlog.get_logger(__name__)


class SlackSqlViews:
    """Fills the modal that the Show SQL listener opened."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def fill(self, view_id: str, answer: Answer) -> None:
        await self._update(view_id, sql_view(answer))

    async def say_missing(self, view_id: str, language: Language) -> None:
        await self._update(view_id, sentence_view(language, "modal.sql_missing"))

    async def say_refused(self, view_id: str, language: Language) -> None:
        await self._update(view_id, sentence_view(language, "modal.sql_refused"))

    async def _update(self, view_id: str, view: dict[str, Any]) -> None:
        try:
            await self._client.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            # Closed before it was filled, most likely: nobody is looking any more.
            log.info("slack.view_gone", view=view_id, error=error_code(error))
