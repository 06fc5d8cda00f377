"""What a Home tab reads from Postgres: recent questions, once each and with the newest answer, and what waits."""

from datetime import UTC, datetime, timedelta

from agent.audit import AuditEntry
from agent.policy.approvals import ApprovalRequest
from agent.spend import Payers
from bot.replies import Reply
from bot.storage.approvals import PostgresApprovals
from bot.storage.audit import PostgresAudit
from bot.storage.database import Database
from bot.storage.recent_questions import PostgresQuestions
from bot.storage.replies import PostgresReplies

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


async def ask(database: Database, number: int, question: str, *, user: str = "U1", posted: bool = True) -> None:
    turn = f"t{number}"
    for kind in ("model", "decision"):
        at, payers = NOON + timedelta(minutes=number), Payers("T1", user, "C1")
        entry = AuditEntry(f"{kind}:{turn}", kind, at, turn, "c", payers, "v1", question=question)
        await PostgresAudit(database).record(entry)
    await PostgresReplies(database).keep_place(
        Reply(turn, "c", "C1", None, ts=f"{number}.5" if posted else None),
    )


async def test_recent_questions_are_once_each_the_newest_first_with_the_newest_answer(database: Database) -> None:
    questions = PostgresQuestions(database)
    assert await questions.recent("U1", 3) == ()
    for number, question in enumerate(["one?", "two?", "one?", "three?", "four?"]):
        await ask(database, number, question)
    await ask(database, 8, "never posted?", posted=False)
    await ask(database, 9, "somebody else's?", user="U2")
    found = await questions.recent("U1", 3)
    assert [(q.text, q.channel, q.ts) for q in found] == [
        ("four?", "C1", "4.5"),
        ("three?", "C1", "3.5"),
        ("one?", "C1", "2.5"),
    ]
    assert found[0].asked_at == NOON + timedelta(minutes=4)


async def test_what_waits_anywhere_is_read_with_the_first_to_run_out_first(database: Database) -> None:
    approvals = PostgresApprovals(database)
    later = datetime.now(UTC) + timedelta(hours=2)
    ids = [await approvals.request(request(number, later - timedelta(minutes=number))) for number in range(3)]
    await approvals.request(request(7, datetime.now(UTC) - timedelta(minutes=1)))
    await approvals.decide(ids[2], "U9", approve=False)
    assert [approval.id for approval in await approvals.open(10)] == [ids[1], ids[0]]
    assert [approval.id for approval in await approvals.open(1)] == [ids[1]]


def request(number: int, expires_at: datetime) -> ApprovalRequest:
    return ApprovalRequest(
        turn_id=f"t{number}",
        conversation=f"T1:C{number}:1.0",
        requester="U1",
        question="?",
        sql="SELECT 1",
        fingerprint="f",
        tables=(),
        bytes_ceiling=1,
        cost_ceiling_usd=None,
        reasons=(),
        expires_at=expires_at,
    )
