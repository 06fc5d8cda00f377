"""What goes into the door to BigQuery, and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agent.bigquery.warehouse import DryRun
from agent.errors import AgentError
from agent.notice import Notice
from agent.policy.decision import Decision
from agent.turn import Actor, Audience, Bill, Column, Table, Usage


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """Who asks for a statement, on whose behalf, and who will see its rows."""

    turn_id: str
    conversation: str
    actor: Actor
    audience: Audience
    question: str
    """In the person's words: for the approval card and the audit."""
    usage: Usage = field(default_factory=Usage)
    """What the turn has spent on the model so far: for the audit, like the next one."""
    prompts: Mapping[str, str] = field(default_factory=dict[str, str])
    """The model calls of the turn so far: the prompt's name to the hash of its constant part."""
    is_fresh: bool = False
    """Run it, though a result of it may be kept: somebody asked for that."""


@dataclass(frozen=True, slots=True)
class RoomView:
    """What the room sees where that is less than what the asker sees."""

    is_withheld: bool = False
    """Nothing at all."""
    masked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """What the door says of exactly `sql` before anything runs."""

    decision: Decision
    sql: str
    fingerprint: str
    tables: tuple[str, ...] = ()
    """`project.dataset.table`, sorted: the dry run's account, the text's own where there was no dry run."""
    bytes_estimated: int | None = None
    """Bytes the job would bill. None where it was refused before anybody asked."""
    cost_usd: float | None = None
    """None where the dry run does not bound it, too."""
    schema: tuple[Column, ...] = ()
    masked: tuple[int, ...] = ()
    """Places in the result of the columns whose values the asker may not see."""
    room: RoomView | None = None
    """None: the room sees all that the asker does."""
    holds_tagged: bool = False
    """A column that carries a tag is read: no row of the result goes to a model."""
    dry_run: DryRun | None = None
    """BigQuery's own word, where it was asked."""
    unpriced: Decision | None = None
    """What is decided where it costs nothing; None where it is refused before it has a price."""

    @property
    def reasons(self) -> tuple[Notice, ...]:
        return self.decision.reasons


@dataclass(frozen=True, slots=True)
class QueryOutcome:
    """A statement that ran, and whose result is kept."""

    check: Check
    table: Table
    """As the room may see it; without columns where it may see nothing."""
    bill: Bill
    job_id: str
    result_id: str | None
    """None where the room may see nothing."""
    cache_hit: bool = False
    """The rows are an earlier job's, by BigQuery's own word."""
    fuller_id: str | None = None
    """Of the result as the asker alone may see it, where that is more."""
    ran_at: datetime | None = None
    """Of an answer from the cache (`agent.result_cache`): when its job ran, which was billed then and not now."""

    @property
    def tables(self) -> tuple[str, ...]:
        return self.check.tables

    @property
    def is_withheld(self) -> bool:
        """The room may see nothing of it: neither its rows nor its SQL."""
        return self.check.room is not None and self.check.room.is_withheld

    @property
    def masked_names(self) -> tuple[str, ...]:
        """The columns whose values the room does not see."""
        masked = self.check.masked if self.check.room is None else self.check.room.masked
        return tuple(self.table.columns[at].name for at in masked)


class QueryRefused(AgentError):
    """Policy did not let the statement run."""

    code = "error.query_refused"

    def __init__(self, check: Check, reasons: Sequence[Notice]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.check = check
        self.reasons = tuple(reasons)
        """Why; never empty in practice, gravest first."""

    @property
    def notice(self) -> Notice:
        """The gravest reason: the person reads why, not that."""
        return self.reasons[0] if self.reasons else super().notice
