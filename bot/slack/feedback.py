"""Feedback in Slack: the two buttons below an answer, and the modal, to inbox items. Pure."""

from decimal import Decimal

from bot.inbox.items import FeedbackGiven, control_lane
from bot.slack.action_ids import language_of_block
from bot.slack.clicks import Click
from bot.slack.fields import Body, ParseError, id_of, object_of
from bot.slack.modals.feedback import feedback_in


def feedback_from_click(click: Click, arrived: Decimal) -> FeedbackGiven:
    """A button; its value is the verdict and the turn's id."""
    verdict, _, turn_id = click.value.partition(":")
    if verdict not in ("good", "bad") or not turn_id:
        raise ParseError("value names no verdict")
    return FeedbackGiven(
        dedupe_key=f"click:{click.key}",
        conversation=_lane(turn_id, click.user),
        spoken_at=arrived,
        turn_id=turn_id,
        verdict="good" if verdict == "good" else "bad",
        channel=click.channel,
        thread_ts=click.thread_ts,
        user=click.user,
        language=language_of_block(click.block),
    )


def feedback_from_submission(body: Body, arrived: Decimal) -> FeedbackGiven:
    """The modal: a reason, and perhaps words."""
    view, user = object_of(body, "view"), id_of(object_of(body, "user"), "id")
    spot, reason, words, block = feedback_in(view)
    return FeedbackGiven(
        dedupe_key=f"submit:{id_of(view, 'id')}:{id_of(view, 'hash')}",
        conversation=_lane(spot.turn_id, user),
        spoken_at=arrived,
        turn_id=spot.turn_id,
        verdict="bad",
        reason=reason,
        words=words,
        channel=spot.channel,
        thread_ts=spot.thread_ts,
        user=user,
        language=language_of_block(block),
    )


def _lane(turn_id: str, user: str) -> str:
    """One person's words on one answer come one after the other: the last one stands."""
    return control_lane(f"feedback:{user}:{turn_id}")
