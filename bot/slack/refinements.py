"""Refine in Slack: the press, the modal that it opened, and the turn that is submitted."""

from decimal import Decimal
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from agent.turn import Answer, Language, RunSql
from bot.inbox.items import RefineRequested, TurnRequested, control_lane
from bot.slack.action_ids import language_of_block
from bot.slack.clicks import click_of
from bot.slack.client import PatientClient, error_code
from bot.slack.fields import Body, id_of, object_of
from bot.slack.modals.refine import RefineSpot, refine_sentence, refine_view, refinement_in

log = structlog.get_logger(__name__)


def refine_from_click(body: Body, view_id: str, arrived: Decimal) -> RefineRequested:
    """Refine, after its modal was opened; the button carries the turn's id."""
    click = click_of(body)
    return RefineRequested(
        dedupe_key=f"click:{click.key}",
        # A lane of its own: the modal is open and empty, so it waits for no turn.
        conversation=control_lane(f"view:{view_id}"),
        spoken_at=arrived,
        view_id=view_id,
        turn_id=click.value,
        target=click.conversation,
        channel=click.channel,
        thread_ts=click.thread_ts,
        user=click.user,
        language=language_of_block(click.block),
    )


def turn_from_refinement(body: Body, arrived: Decimal) -> TurnRequested:
    """Edited SQL runs by the same door as any other; an edited question is asked. The reply says who asked what."""
    view = object_of(body, "view")
    refinement = refinement_in(view)
    spot, sql = refinement.spot, refinement.sql
    return TurnRequested(
        dedupe_key=f"submit:{id_of(view, 'id')}:{id_of(view, 'hash')}",
        conversation=spot.conversation,
        spoken_at=arrived,
        team=id_of(object_of(body, "team"), "id"),
        channel=spot.channel,
        thread_ts=spot.thread_ts,
        user=id_of(object_of(body, "user"), "id"),
        text=refinement.question or (sql or ""),
        surface="dm" if spot.channel.startswith("D") else "channel",
        unseen=True,
        preset=RunSql(sql, title=refinement.question) if sql is not None else None,
    )


class SlackRefineViews:
    """`bot.refine.RefineViews`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def fill(self, item: RefineRequested, answer: Answer) -> None:
        spot = RefineSpot(item.target, item.channel, item.thread_ts)
        await self._update(item.view_id, refine_view(answer, spot))

    async def say(self, view_id: str, notice: Notice, language: Language) -> None:
        await self._update(view_id, refine_sentence(language, notice))

    async def _update(self, view_id: str, view: dict[str, Any]) -> None:
        try:
            await self._client.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            # Closed before it was filled, most likely: nobody is looking any more.
            log.info("slack.view_gone", view=view_id, error=error_code(error))
