"""Who pays, and how much: what prices, budgets and the audit count in."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from agent.turn import Actor, Audience

_NANO_DOLLAR: Final = Decimal("1e-9")
"""A query of BigQuery's least 10 MB costs 60 000 of them: sums of rounded prices stay exact, and true."""


def usd(amount: float | Decimal) -> Decimal:
    """*amount* in whole nano-dollars."""
    return Decimal(amount).quantize(_NANO_DOLLAR)


@dataclass(frozen=True, slots=True)
class Amount:
    """Bytes that BigQuery bills, and US dollars: of the warehouse and of the model alike."""

    bytes: int = 0
    usd: Decimal = Decimal(0)

    @classmethod
    def of(cls, bytes_billed: int, cost_usd: float) -> Self:
        return cls(bytes_billed, usd(cost_usd))

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.bytes + other.bytes, self.usd + other.usd)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.bytes - other.bytes, self.usd - other.usd)


NOTHING: Final = Amount()


@dataclass(frozen=True, slots=True)
class Payers:
    """Whose budgets a turn draws on: the person who asked, where they asked, and what both belong to."""

    team: str
    user: str
    channel: str
    groups: frozenset[str] = frozenset()
    """Ids and handles of the user groups of the person."""


def payers_of(actor: Actor, audience: Audience, *, requester: str | None = None) -> Payers:
    """Who asked pays: *requester*, where somebody else's word let the query run."""
    user = requester or actor.user
    known = [member for member in (audience.asker, *(audience.members or ())) if member is not None]
    groups = next((member.groups for member in known if member.user == user), frozenset[str]())
    return Payers(actor.team, user, audience.channel, groups)
