"""The audit in Postgres, read back: by turn for a receipt, by day for a replay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from agent.audit import AuditEntry
from agent.notice import Notice
from agent.spend import Payers
from agent.turn import DecisionWord, Usage
from bot.cli.replay_past import past_statements
from bot.storage.audit import PostgresAudit
from bot.storage.database import Database

NOW = datetime.now(UTC).replace(microsecond=0)
DECISION = AuditEntry(
    "decision:t1:f", "decision", NOW, "t1", "T1:C1", Payers("T1", "U1", "C1", frozenset({"S1", "data"})), "policy-7",
    question="How many?", sql="SELECT 1", fingerprint="f", tables=("p.d.t",), decision=DecisionWord.AUTO_EXECUTE,
    reasons=(Notice("approval.cost", {"cost_usd": 0.5}),), bytes_estimated=100, model="m", prompts={"a": "b"},
    usage=Usage(0, 10, 2),
)  # fmt: skip
JOB = replace(DECISION, key="job:1", kind="job", job_id="j", outcome="done", bytes_billed=70, cost_usd=Decimal("0.5"))
CACHED = replace(DECISION, key="cache:t2:f", kind="cache", turn_id="t2", job_id="j", cost_usd=Decimal(0))


async def test_a_turns_rows_come_back_as_they_were_written(database: Database) -> None:
    audit = PostgresAudit(database)
    for entry in (DECISION, JOB, CACHED):
        await audit.record(entry)
    assert await audit.of_turn("t1") == (DECISION, JOB)
    assert await audit.of_turn("t2") == (CACHED,)
    assert await audit.of_turn("t3") == ()


async def test_a_replay_reads_what_the_audit_holds(database: Database) -> None:
    audit = PostgresAudit(database)
    for entry in (DECISION, JOB, replace(DECISION, key="decision:t2:f", turn_id="t2"), CACHED):
        await audit.record(entry)
    past = await past_statements(audit.rows(NOW - timedelta(days=1), NOW + timedelta(days=1)))
    assert [(one.turn_id, one.was, one.bytes_billed) for one in past] == [
        ("t1", DecisionWord.AUTO_EXECUTE, 70),
        ("t2", DecisionWord.AUTO_EXECUTE, 0),
    ]
    assert (past[0].reasons, set(past[0].groups)) == (DECISION.reasons, {"S1", "data"})
