"""Slash commands to inbox items. Pure: what is malformed is a ParseError.

A command's ack must be made of what the command itself says: nothing is looked up here.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from agent.turn import StartOver
from bot.inbox.items import BudgetAsked, CommandSpoken, LongTaskRequested, ReceiptAsked, control_lane
from bot.slack.fields import Body, ParseError, id_of
from bot.slack.markup import plain

LONGEST_ADDRESS: Final = 2000
DEFAULT_TASK_SECONDS: Final = 5
LONGEST_TASK_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Command:
    word: str
    """The first word behind `/data`, in small letters; empty where there is none."""
    rest: str
    """What follows it."""
    key: str
    team: str
    channel: str
    user: str
    address: str
    """response_url."""

    @property
    def in_direct_message(self) -> bool:
        """Also between two people: the bot is no part of that one."""
        return self.channel.startswith("D")


def command_of(body: Body) -> Command:
    text = body.get("text") or ""
    address = body.get("response_url")
    if not isinstance(text, str) or not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        raise ParseError("text or response_url is no text")
    word, _, rest = plain(text).partition(" ")
    return Command(
        word=word.lower(),
        rest=rest.strip(),
        key=f"command:{id_of(body, 'trigger_id')}",
        team=id_of(body, "team_id"),
        channel=id_of(body, "channel_id"),
        user=id_of(body, "user_id"),
        address=address,
    )


def question_of(command: Command, arrived: Decimal) -> CommandSpoken:
    """`/data ask ...`."""
    return CommandSpoken(
        dedupe_key=command.key,
        # A lane of its own: it only posts the question, whose turn then waits for those before it.
        conversation=control_lane(command.key),
        spoken_at=arrived,
        team=command.team,
        channel=command.channel,
        user=command.user,
        text=command.rest,
        in_direct_message=command.in_direct_message,
    )


def start_over_of(command: Command, arrived: Decimal) -> CommandSpoken:
    """`/data new`, in a direct message."""
    spoken = question_of(command, arrived)
    return spoken.model_copy(update={"text": "", "in_direct_message": True, "preset": StartOver()})


def budget_of(command: Command, arrived: Decimal) -> BudgetAsked:
    """`/data budget`."""
    return BudgetAsked(
        dedupe_key=command.key,
        conversation=control_lane(command.key),
        spoken_at=arrived,
        team=command.team,
        channel=command.channel,
        user=command.user,
        address=command.address,
    )


def receipt_of(command: Command, arrived: Decimal) -> ReceiptAsked:
    """`/data receipt`."""
    return ReceiptAsked(
        dedupe_key=command.key,
        conversation=control_lane(command.key),
        spoken_at=arrived,
        channel=command.channel,
        user=command.user,
        address=command.address,
    )


def long_task_of(command: Command, arrived: Decimal) -> LongTaskRequested:
    """`/longtask [seconds]`: one at a time for each person."""
    seconds = int(command.word) if command.word.isdecimal() and len(command.word) < 4 else DEFAULT_TASK_SECONDS
    return LongTaskRequested(
        dedupe_key=command.key,
        conversation=f"longtask:{command.team}:{command.user}",
        spoken_at=arrived,
        user=command.user,
        seconds=min(seconds, LONGEST_TASK_SECONDS),
        address=command.address,
    )
