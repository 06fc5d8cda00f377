"""A question that was asked by pressing it: a way to read an ambiguous one, or what to ask next. Pure."""

from decimal import Decimal

from bot.inbox.items import TurnRequested
from bot.slack.action_ids import ActionId
from bot.slack.fields import Body
from bot.slack.parse import click_of


def question_from_click(body: Body, arrived: Decimal) -> TurnRequested:
    """The button carries the whole question; whoever presses asks it, in the thread where it stands."""
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
