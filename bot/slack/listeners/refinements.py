"""The submitted modal of Refine: it closes when the turn is stored, and not before."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.i18n.catalogue import say
from bot.slack.action_ids import language_of_block
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.modals.refine import CALLBACK_ID, question_block, refinement_in
from bot.slack.refinements import turn_from_refinement

log = structlog.get_logger(__name__)

Now = Callable[[], Decimal]


def register(app: AsyncApp, intake: Intake, now: Now) -> None:
    async def on_refined(ack: AsyncAck, body: dict[str, Any]) -> None:
        block = question_block(body["view"])
        language = language_of_block(block)
        if not refinement_in(body["view"]).is_changed:
            await ack(response_action="errors", errors={block: say(language, "refine.unchanged")})
            return
        item = turn_from_refinement(body, now())
        try:
            await intake.take(item)
        except NotStored as error:
            log.error("slack.submission_lost", item=item.dedupe_key, error=str(error))
            await ack(response_action="errors", errors={block: say(language, "turn.busy")})
        else:
            await ack()

    app.view(CALLBACK_ID)(on_refined)
