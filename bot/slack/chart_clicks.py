"""The select of a chart's form, to an inbox item. Pure."""

from decimal import Decimal
from typing import Final, cast, get_args

from agent.turn import ShownAs
from bot.inbox.items import ChartRequested, control_lane
from bot.slack.action_ids import language_of_block
from bot.slack.clicks import click_of
from bot.slack.fields import Body, ParseError, first_object_of, object_of
from bot.slack.messages.message import LONGEST_SECTION

_MOST_ABOVE: Final = 3


def chart_from_click(body: Body, arrived: Decimal) -> ChartRequested:
    click = click_of(body)
    return ChartRequested(
        dedupe_key=f"click:{click.key}",
        conversation=control_lane(f"chart:{click.team}:{click.channel}:{click.message_ts}"),
        spoken_at=arrived,
        form=_form(click.value),
        channel=click.channel,
        ts=click.message_ts,
        above=_above(object_of(body, "message")),
        thread_ts=click.thread_ts,
        user=click.user,
        language=language_of_block(click.block),
    )


def _above(message: Body) -> tuple[str, ...]:
    """The lines over the answer, which begins with a section: shown anew, it does not know of them."""
    found: list[str] = []
    blocks = message.get("blocks")
    for block in cast("list[Body]", blocks) if isinstance(blocks, list) else ():
        if block.get("type") != "context" or len(found) == _MOST_ABOVE:
            break
        text = first_object_of(block, "elements").get("text")
        if isinstance(text, str) and 0 < len(text) <= LONGEST_SECTION and "\0" not in text:
            found.append(text)
    return tuple(found)


def _form(value: str) -> ShownAs:
    for form in get_args(ShownAs):
        if form == value:
            return form
    raise ParseError("value names no form of a result")
