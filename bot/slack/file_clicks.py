"""The buttons of files, to inbox items. Pure."""

from decimal import Decimal

from bot.inbox.items import FILE_LANES, ResultFileRequested, StopRequested, control_lane, file_lane
from bot.slack.action_ids import ActionId, language_of_block
from bot.slack.clicks import click_of
from bot.slack.fields import Body, ParseError


def file_from_click(body: Body, arrived: Decimal) -> ResultFileRequested:
    """CSV or Excel below an answer; the button carries the turn's id."""
    click = click_of(body)
    kind = "xlsx" if click.action is ActionId.XLSX_FILE else "csv"
    return ResultFileRequested(
        dedupe_key=f"click:{click.key}",
        conversation=file_lane(click.value, kind),
        spoken_at=arrived,
        turn_id=click.value,
        format=kind,
        channel=click.channel,
        thread_ts=click.thread_ts,
        user=click.user,
        language=language_of_block(click.block),
    )


def stop_file_from_click(body: Body, arrived: Decimal) -> StopRequested:
    """Stop, below the progress of a file; the button carries the file's lane, and no other lane is stopped by it."""
    click = click_of(body)
    if not click.value.startswith(control_lane(FILE_LANES)):
        raise ParseError("the button's value is no file's lane")
    return StopRequested(
        dedupe_key=f"stop:{click.key}",
        conversation=control_lane(click.value),
        spoken_at=arrived,
        target=click.value,
        user=click.user,
        language=language_of_block(click.block),
    )
