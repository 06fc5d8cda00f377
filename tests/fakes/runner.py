"""The door to BigQuery as the nodes see it: says what it was told to say of a statement, and remembers what ran."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agent.errors import AgentError
from agent.policy.approvals import Approval, ApprovalRequest, ApprovalState
from agent.policy.deciders import Deciders
from agent.policy.decision import Allow, Decision, Deny, NeedApproval
from agent.policy.grants import AccessPolicy
from agent.policy.rights import TurnRights, rights_of_turn
from agent.query_values import Check, QueryOutcome, QueryRefused, QueryRequest
from agent.results import StoredResult
from agent.turn import Bill, Column, Table
from tests.fakes.access import everyone_reads
from tests.fakes.approvals import FakeApprovals


@dataclass
class FakeRunner:
    approvals: FakeApprovals
    decisions: dict[str, Decision | AgentError] = field(default_factory=dict[str, Decision | AgentError])
    """By statement; what is not here is allowed."""
    bytes_of: dict[str, int] = field(default_factory=dict[str, int])
    """By statement; what is not here is estimated at `bytes_otherwise`."""
    bytes_otherwise: int = 1_000_000
    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    deciders: Deciders = field(default_factory=Deciders)
    """Of every approval that is asked for."""
    run_errors: list[AgentError] = field(default_factory=list[AgentError])
    checked: list[str] = field(default_factory=list[str])
    ran: list[str] = field(default_factory=list[str])
    approved: list[str] = field(default_factory=list[str])
    stopped: list[str] = field(default_factory=list[str])
    policy: AccessPolicy = field(default_factory=lambda: everyone_reads("shop", "web", project="p"))
    fuller_results: dict[str, StoredResult] = field(default_factory=dict[str, StoredResult])

    async def check(self, sql: str, request: QueryRequest) -> Check:
        self.checked.append(sql)
        decision = self.decisions.get(sql, Allow())
        if isinstance(decision, AgentError):
            raise decision
        if isinstance(decision, Deny):
            return Check(decision, sql, f"fp:{sql}")
        size = self.bytes_of.get(sql, self.bytes_otherwise)
        return Check(decision, sql, f"fp:{sql}", ("p.shop.orders",), size, 0.5)

    async def stop(self, turn_id: str) -> None:
        self.stopped.append(turn_id)

    async def rights(self, request: QueryRequest) -> TurnRights:
        return rights_of_turn(self.policy, request.actor, request.audience)

    async def fuller(self, result_id: str, user: str) -> StoredResult | None:
        return self.fuller_results.get(result_id)

    async def request_approval(self, check: Check, request: QueryRequest) -> str:
        return await self.approvals.request(
            ApprovalRequest(
                turn_id=request.turn_id,
                conversation=request.conversation,
                requester=request.actor.user,
                question=request.question,
                sql=check.sql,
                fingerprint=check.fingerprint,
                tables=check.tables,
                bytes_ceiling=2_000_000,
                cost_ceiling_usd=1.0,
                reasons=check.reasons,
                expires_at=datetime.now(UTC) + timedelta(hours=1),
                deciders=self.deciders,
            )
        )

    async def run(self, sql: str, request: QueryRequest, *, approved: Approval | None = None) -> QueryOutcome:
        check = await self.check(sql, request)
        is_granted = approved is not None and approved.state is ApprovalState.APPROVED and approved.request.sql == sql
        if isinstance(check.decision, Deny) or (isinstance(check.decision, NeedApproval) and not is_granted):
            raise QueryRefused(check, check.reasons)
        if self.run_errors:
            raise self.run_errors.pop(0)
        self.ran.append(sql)
        if approved:
            self.approved.append(approved.id)
        table = self.tables.get(sql, Table((Column("n", "INT64"),), ((42,),), 1))
        return QueryOutcome(check, table, Bill(1_000_000, 1_048_576, 0.01), "job", f"result-{len(self.ran)}")
