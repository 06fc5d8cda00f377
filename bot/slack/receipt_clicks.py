"""Receipt and Run again, pressed below an answer, to inbox items. Pure."""

from decimal import Decimal

from bot.inbox.items import ReceiptRequested, RunAgainRequested, control_lane
from bot.slack.action_ids import language_of_block
from bot.slack.clicks import click_of
from bot.slack.fields import Body


def receipt_from_click(body: Body, view_id: str, arrived: Decimal) -> ReceiptRequested:
    """Receipt, after its modal was opened; the button carries the turn's id."""
    click = click_of(body)
    return ReceiptRequested(
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


def run_again_from_click(body: Body, arrived: Decimal) -> RunAgainRequested:
    """The button carries the turn's id; whoever presses asks, in the thread where the answer stands."""
    click = click_of(body)
    return RunAgainRequested(
        dedupe_key=f"click:{click.key}",
        conversation=control_lane(f"again:{click.conversation}"),
        spoken_at=arrived,
        turn_id=click.value,
        target=click.conversation,
        team=click.team,
        channel=click.channel,
        thread_ts=click.thread_ts,
        user=click.user,
        pressed_on=click.message_ts,
        language=language_of_block(click.block),
    )
