"""What an answer was made of and what it cost: put together from the answer, the audit, and the tables as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agent.audit import AuditEntry
from agent.notice import Notice
from agent.sql.fingerprint import fingerprint
from agent.turn import Answer, DecisionWord, Language


@dataclass(frozen=True, slots=True)
class TableAge:
    name: str
    """`project.dataset.table`."""
    changed_at: float | None
    """Unix seconds; None where nobody can say."""
    is_newer: bool = False
    """It has changed since its rows were read for this answer."""


@dataclass(frozen=True, slots=True)
class ModelBill:
    name: str
    calls: int
    tokens: int
    cost_usd: Decimal | None
    """None where tokens have no price."""


@dataclass(frozen=True, slots=True)
class Receipt:
    language: Language
    title: str
    sql: str
    tables: tuple[TableAge, ...]
    more_tables: int
    """How many are not among `tables`."""
    bytes_estimated: int | None
    bytes_billed: int | None
    """None: nothing ran."""
    cost_usd: float | None
    usd_per_tib: float
    """0: slots that are paid for anyway."""
    ran_at: float | None
    """Unix seconds, of an answer from the cache."""
    decision: DecisionWord | None
    reasons: tuple[Notice, ...]
    approver: str | None
    job_id: str | None
    model: ModelBill | None
    policy_version: str
    assumptions: tuple[str, ...]


def receipt_of(
    answer: Answer, entries: Sequence[AuditEntry], tables: Sequence[TableAge], *, usd_per_tib: float
) -> Receipt:
    """*entries* are the audit's of the answer's turn, oldest first. Those of other statements are left out: what the
    asker alone may see of a turn is none of the room's.
    """
    assert answer.sql is not None, "what has no SQL has no receipt"
    own = [one for one in entries if one.fingerprint == fingerprint(answer.sql) and one.kind != "observed"]
    jobs = [entry for entry in own if entry.kind in ("job", "cache")]
    decided = next(iter([*reversed(jobs), *reversed(own)]), None)
    return Receipt(
        language=answer.language,
        title=answer.text or "",
        sql=answer.sql,
        tables=tuple(tables),
        more_tables=len(answer.tables_read) - len(tables),
        bytes_estimated=answer.bill.bytes_estimated,
        bytes_billed=answer.bill.bytes_billed,
        cost_usd=answer.bill.cost_usd,
        usd_per_tib=usd_per_tib,
        ran_at=answer.ran_at,
        decision=answer.decision,
        reasons=decided.reasons if decided else (),
        approver=decided.approver if decided else None,
        job_id=jobs[-1].job_id if jobs else None,
        model=_model_bill(answer, entries),
        policy_version=decided.policy_version if decided else "",
        assumptions=answer.assumptions,
    )


def read_at(answer: Answer, entries: Sequence[AuditEntry]) -> float | None:
    """Unix seconds of the job that read the tables; None where nothing ran."""
    jobs = [entry.at.timestamp() for entry in entries if entry.kind == "job"]
    return answer.ran_at if answer.ran_at is not None else max(jobs, default=None)


def _model_bill(answer: Answer, entries: Sequence[AuditEntry]) -> ModelBill | None:
    calls = [entry for entry in entries if entry.kind == "model"]
    if not calls:
        return None
    costs = [entry.cost_usd for entry in calls if entry.cost_usd is not None]
    return ModelBill(
        name=calls[-1].model,
        calls=len(calls),
        tokens=sum(entry.usage.input_tokens + entry.usage.output_tokens for entry in calls),
        cost_usd=sum(costs, Decimal(0)) if len(costs) == len(calls) else None,
    )
