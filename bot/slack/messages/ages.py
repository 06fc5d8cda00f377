"""How old the tables behind an answer are, in words. Pure."""

from collections.abc import Sequence
from typing import Final

from agent.turn import Language, TableAge
from bot.i18n.catalogue import say
from bot.slack.markup import MRKDWN

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_LONGEST_NAME: Final = 150


def age_text(age: TableAge, language: Language) -> str:
    """`orders: updated 2 h ago`."""
    unit, count = _units(age.seconds)
    return say(language, f"answer.updated.{unit}", style=MRKDWN, table=_short(age.name), count=count)


def stale_text(ages: Sequence[TableAge], language: Language) -> str:
    """A warning that names the youngest: the others are older."""
    youngest = min(ages, key=lambda age: age.seconds)
    days = int(youngest.seconds // _DAY)
    if days:
        return say(language, "answer.stale_days", style=MRKDWN, table=_short(youngest.name), count=days)
    hours = int(youngest.seconds // _HOUR)
    return say(language, "answer.stale_hours", style=MRKDWN, table=_short(youngest.name), count=hours)


def _units(seconds: float) -> tuple[str, int]:
    if seconds < _MINUTE:
        return "now", 0
    if seconds < _HOUR:
        return "minutes", int(seconds // _MINUTE)
    return ("hours", int(seconds // _HOUR)) if seconds < 2 * _DAY else ("days", int(seconds // _DAY))


def _short(name: str) -> str:
    """The table's own name: its dataset stands beside it in the footer."""
    return name.rsplit(".", 1)[-1][:_LONGEST_NAME]
