"""An approval is a row, not a paused graph: it names the exact statement that one person asked another to let run."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agent.notice import Notice
from agent.policy.deciders import Deciders
from agent.turn import Column


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    """Nobody decided in time: counts as denied, never as approved."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What somebody is asked to let run, and up to which price."""

    turn_id: str
    """The turn that asked. With the fingerprint it makes the job's id, so that two presses are one job."""
    conversation: str
    requester: str
    """The user who asked the question."""
    question: str
    sql: str
    """Byte for byte what will run."""
    fingerprint: str
    tables: tuple[str, ...]
    """`project.dataset.table` as the dry run named them, sorted."""
    bytes_ceiling: int
    """The bytes it may bill; the approval is void if a later dry run needs more."""
    cost_ceiling_usd: float | None
    reasons: tuple[Notice, ...]
    """Why it did not run by itself."""
    expires_at: datetime
    """Aware; from this moment on the answer is no."""
    deciders: Deciders = field(default_factory=Deciders)
    columns: tuple[Column, ...] = ()
    """What the dry run said would come out: a view that is defined anew shows here."""


@dataclass(frozen=True, slots=True)
class Approval:
    id: str
    request: ApprovalRequest
    state: ApprovalState
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of a press: whoever comes second learns who came first."""

    approval: Approval
    is_first: bool
    """True for the one press that changed the state, however often that press is delivered."""


class Approvals(Protocol):
    """Kept durably. A pending approval past its `expires_at` reads as EXPIRED everywhere."""

    async def request(self, request: ApprovalRequest) -> str:
        """Keep *request* as pending; returns its id, the same for the same (turn_id, fingerprint)."""
        ...

    async def get(self, approval_id: str) -> Approval | None: ...

    async def pending(self, conversation: str) -> tuple[Approval, ...]:
        """What waits for a word in *conversation*, oldest first."""
        ...

    async def decide(self, approval_id: str, by: str, *, approve: bool, via: str = "") -> Decided | None:
        """Decide once, before expiry; any other call changes nothing. None: there is no such approval.

        *via* names the press: the same press delivered again, after a crash, hears again that it was the first.
        Whether *by* may decide is the caller's to ask: `agent.policy.decide_once` does.
        """
        ...
