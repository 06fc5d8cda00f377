"""Pressed buttons to inbox items. Pure."""

from decimal import Decimal

from bot.inbox.items import (
    DecisionRequested,
    SqlViewRequested,
    StopRequested,
    TurnRequested,
    TwinRequested,
    control_lane,
)
from bot.slack.action_ids import ActionId, language_of_block
from bot.slack.clicks import click_of
from bot.slack.fields import Body, ParseError


def question_from_click(body: Body, arrived: Decimal) -> TurnRequested:
    """A way to read an ambiguous question, or what to ask next: whoever presses asks it, in the thread where it stands.

    The button carries the whole question.
    """
    click = click_of(body)
    key = click.key
    if click.action is ActionId.CHOOSE:
        # Once for each person, whichever they press: a second press crosses the update that takes the buttons away.
        key = f"{click.team}:{click.channel}:{click.message_ts}:{click.user}"
    return TurnRequested(
        dedupe_key=f"click:{key}",
        conversation=click.conversation,
        spoken_at=arrived,
        team=click.team,
        channel=click.channel,
        thread_ts=click.thread_ts,
        user=click.user,
        text=click.value,
        surface="dm" if click.is_dm else "channel",
        pressed_on=click.message_ts,
    )


def decision_from_click(body: Body, arrived: Decimal) -> DecisionRequested:
    """Approve or Cancel on an approval card, whose button carries the approval's id."""
    click = click_of(body)
    return DecisionRequested(
        dedupe_key=f"click:{click.key}",
        conversation=control_lane(f"approval:{click.value}"),
        spoken_at=arrived,
        approve=click.action is ActionId.APPROVE,
        approval_id=click.value,
        team=click.team,
        channel=click.channel,
        thread_ts=click.thread_ts,
        user=click.user,
        language=language_of_block(click.block),
    )


def twin_from_click(body: Body, arrived: Decimal) -> TwinRequested:
    """A cheaper statement on an approval card."""
    click = click_of(body)
    index, _, turn_id = click.value.partition(":")
    if not index.isdecimal() or not turn_id:
        raise ParseError("value names no twin")
    return TwinRequested(
        dedupe_key=f"click:{click.key}",
        conversation=control_lane(f"twin:{click.conversation}"),
        spoken_at=arrived,
        turn_id=turn_id,
        index=int(index),
        target=click.conversation,
        team=click.team,
        channel=click.channel,
        thread_ts=click.thread_ts,
        user=click.user,
        language=language_of_block(click.block),
    )


def stop_from_click(body: Body, arrived: Decimal) -> StopRequested:
    """The Stop button under a reply that is being worked on, or under the sign of a place in line."""
    click = click_of(body)
    return StopRequested(
        dedupe_key=f"stop:{click.key}",
        conversation=control_lane(click.conversation),
        spoken_at=arrived,
        target=click.conversation,
        turn_id=click.value,
        message_ts=click.message_ts,
        user=click.user,
        channel=click.channel,
        thread_ts=click.thread_ts,
        language=language_of_block(click.block),
    )


def sql_view_from_click(body: Body, view_id: str, arrived: Decimal) -> SqlViewRequested:
    """Show SQL, after its modal was opened; the button carries the turn's id."""
    click = click_of(body)
    return SqlViewRequested(
        dedupe_key=f"click:{click.key}",
        # A lane of its own: the modal is open and empty, so it waits for no turn.
        conversation=control_lane(f"view:{view_id}"),
        spoken_at=arrived,
        view_id=view_id,
        turn_id=click.value,
        user=click.user,
        channel=click.channel,
        language=language_of_block(click.block),
    )
