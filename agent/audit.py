"""The audit: what was decided and what was billed, one row each, written once and never changed.

What people wrote is masked as it is for the model and the logs (`agent.privacy`): an audit is read by more people than
the conversation was, and outlives it. The statement's fingerprint is of the exact text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

from agent.notice import Notice
from agent.spend import Payers
from agent.turn import DecisionWord, Usage

AuditKind: TypeAlias = Literal["decision", "job", "model", "cache", "observed"]
"""A decision of policy on one statement, a job at BigQuery, a model call, an answer without a job of its own, a
decision that a policy on trial would have made otherwise."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    key: str
    """The same for the same event, however often it is told: it is written once."""
    kind: AuditKind
    at: datetime
    """Aware. Of a job: when it was reserved, so that it falls into the period whose budget paid."""
    turn_id: str
    conversation: str
    payers: Payers
    """Who asked, where."""
    policy_version: str
    question: str = ""
    sql: str = ""
    fingerprint: str = ""
    tables: tuple[str, ...] = ()
    decision: DecisionWord | None = None
    reasons: tuple[Notice, ...] = ()
    approval_id: str | None = None
    approver: str | None = None
    job_id: str | None = None
    """Of an answer from the cache: the job that found it, for an earlier turn."""
    outcome: str = ""
    """Of a job: `done`, or the name of the error it ended with. Of a model call: which. Of an observed decision: what
    held, and what would have (`allow > mask`)."""
    bytes_estimated: int | None = None
    bytes_billed: int | None = None
    """Of a job."""
    cost_usd: Decimal | None = None
    """Of a job or a model call; None is not known."""
    model: str = ""
    prompts: Mapping[str, str] = field(default_factory=dict[str, str])
    """The calls of the turn so far: the prompt's name to the hash of its constant part. Of a model call: its own."""
    usage: Usage = field(default_factory=Usage)
    """Of a model call: its own. Of the others: of the turn so far, so only model calls may be added up."""


class Audit(Protocol):
    async def record(self, entry: AuditEntry) -> None:
        """Keep *entry*, unless its key is kept already; committed when this returns."""
        ...
