"""The door to BigQuery with a witness, and approvals that are forgotten after the case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from agent.context import Runner
from agent.policy.approvals import Approval, ApprovalRequest, ApprovalState, Decided
from agent.policy.rights import TurnRights
from agent.query import Check, QueryOutcome, QueryRequest
from agent.results import StoredResult

_TTL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Run:
    """A statement that ran."""

    sql: str
    request: QueryRequest
    outcome: QueryOutcome


class CaseApprovals:
    """`Approvals` of one case, in memory: an eval leaves nothing that a person could still press."""

    def __init__(self) -> None:
        self._rows: dict[str, Approval] = {}

    @property
    def all(self) -> Sequence[Approval]:
        return tuple(self._rows.values())

    async def request(self, request: ApprovalRequest) -> str:
        approval_id = f"{request.turn_id}|{request.fingerprint}"
        self._rows.setdefault(approval_id, Approval(approval_id, request, ApprovalState.PENDING))
        return approval_id

    async def get(self, approval_id: str) -> Approval | None:
        return self._rows.get(approval_id)

    async def pending(self, conversation: str) -> tuple[Approval, ...]:
        return tuple(
            row
            for row in self._rows.values()
            if row.state is ApprovalState.PENDING and row.request.conversation == conversation
        )

    async def decide(self, approval_id: str, by: str, *, approve: bool, via: str = "") -> Decided | None:
        row = self._rows.get(approval_id)
        if row is None or row.state is not ApprovalState.PENDING:
            return None if row is None else Decided(row, is_first=False)
        state = ApprovalState.APPROVED if approve else ApprovalState.DENIED
        self._rows[approval_id] = replace(row, state=state, decided_by=by, decided_at=datetime.now(UTC))
        return Decided(self._rows[approval_id], is_first=True)


class WitnessedRunner:
    """The real door. Approvals asked for at it go to *approvals*; what was asked of it and what ran is written down."""

    def __init__(self, runner: Runner, approvals: CaseApprovals) -> None:
        self._runner = runner
        self._approvals = approvals
        self.requests: list[QueryRequest] = []
        self.runs: list[Run] = []

    async def check(self, sql: str, request: QueryRequest) -> Check:
        self.requests.append(request)
        return await self._runner.check(sql, request)

    async def request_approval(self, check: Check, request: QueryRequest) -> str:
        self.requests.append(request)
        return await self._approvals.request(
            pending_request(check.sql, check.fingerprint, request, tables=check.tables)
        )

    async def run(self, sql: str, request: QueryRequest, *, approved: Approval | None = None) -> QueryOutcome:
        self.requests.append(request)
        outcome = await self._runner.run(sql, request, approved=approved)
        self.runs.append(Run(sql, request, outcome))
        return outcome

    async def stop(self, turn_id: str) -> None:
        await self._runner.stop(turn_id)

    async def rights(self, request: QueryRequest) -> TurnRights:
        return await self._runner.rights(request)

    async def fuller(self, result_id: str, user: str) -> StoredResult | None:
        return await self._runner.fuller(result_id, user)


def pending_request(
    sql: str, fingerprint: str, request: QueryRequest, *, tables: tuple[str, ...] = ()
) -> ApprovalRequest:
    return ApprovalRequest(
        turn_id=request.turn_id,
        conversation=request.conversation,
        requester=request.actor.user,
        question=request.question,
        sql=sql,
        fingerprint=fingerprint,
        tables=tables,
        bytes_ceiling=0,  # not even a press lets anything be billed
        cost_ceiling_usd=0.0,
        reasons=(),
        expires_at=datetime.now(UTC) + _TTL,
    )
