"""The statements of the past, put together from the audit's rows: what was decided of each, and what it cost."""

from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from agent.notice import Notice
from agent.turn import DecisionWord

Row: TypeAlias = Mapping[str, Any]
_Key: TypeAlias = tuple[str, str]

_WORD_OF_A_PERSON: Final = "approval:"
"""Keys of the rows that say what a person, or the clock, made of what waited."""


@dataclass(frozen=True, slots=True)
class PastStatement:
    """One statement of one turn."""

    turn_id: str
    at: datetime
    asker: str
    groups: tuple[str, ...]
    channel: str
    sql: str
    """Personal data masked, as the audit has it."""
    was: DecisionWord
    reasons: tuple[Notice, ...]
    bytes_estimated: int | None
    bytes_billed: int | None = None
    """None: it did not run."""
    cost_usd: Decimal | None = None

    @property
    def ran(self) -> bool:
        return self.bytes_billed is not None


async def past_statements(rows: AsyncIterable[Row]) -> list[PastStatement]:
    """In the order in which they were first decided on. A statement that waited ran in the turn of whoever let it."""
    found: dict[_Key, PastStatement] = {}
    asked_by: dict[str, _Key] = {}
    jobs: list[Row] = []
    async for row in rows:
        key = (row["turn_id"], row["fingerprint"])
        if row["key"].startswith(_WORD_OF_A_PERSON):
            asked_by[row["approval_id"]] = key
        elif row["kind"] == "decision":
            found[key] = _decided(row, found.get(key))
        elif row["kind"] in ("job", "cache"):
            jobs.append(row)
    for row in jobs:
        key = asked_by.get(row["approval_id"] or "", (row["turn_id"], row["fingerprint"]))
        if key in found:  # else it was decided before the first day that is looked at
            found[key] = _ran(row, found[key])
    return list(found.values())


def _decided(row: Row, before: PastStatement | None) -> PastStatement:
    return PastStatement(
        turn_id=row["turn_id"],
        at=before.at if before else row["at"],
        asker=row["asker"],
        groups=tuple(row["groups"]),
        channel=row["channel"],
        sql=row["sql"],
        was=DecisionWord(row["decision"]),
        reasons=tuple(Notice(reason["code"], reason["params"]) for reason in row["reasons"]),
        bytes_estimated=row["bytes_estimated"],
    )


def _ran(row: Row, statement: PastStatement) -> PastStatement:
    billed = (statement.bytes_billed or 0) + (row["bytes_billed"] or 0)
    cost = (statement.cost_usd or Decimal(0)) + (row["cost_usd"] or Decimal(0))
    return replace(statement, bytes_billed=billed, cost_usd=cost)
