"""The select of a chart's form, to an inbox item. Pure."""

from decimal import Decimal
from typing import get_args

from agent.turn import ShownAs
from bot.inbox.items import ChartRequested, control_lane
from bot.slack.action_ids import language_of_block
from bot.slack.clicks import click_of
from bot.slack.fields import Body, ParseError


def chart_from_click(body: Body, arrived: Decimal) -> ChartRequested:
    click = click_of(body)
    return ChartRequested(
        dedupe_key=f"click:{click.key}",
        conversation=control_lane(f"chart:{click.team}:{click.channel}:{click.message_ts}"),
        spoken_at=arrived,
        form=_form(click.value),
        channel=click.channel,
        ts=click.message_ts,
        thread_ts=click.thread_ts,
        user=click.user,
        language=language_of_block(click.block),
    )


def _form(value: str) -> ShownAs:
    for form in get_args(ShownAs):
        if form == value:
            return form
    raise ParseError("value names no form of a result")
