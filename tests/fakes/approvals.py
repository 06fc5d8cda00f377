"""`Approvals` in memory, with a clock that a test can move."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from agent.policy.approvals import Approval, ApprovalRequest, ApprovalState, Decided


class FakeApprovals:
    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._rows: dict[str, Approval] = {}

    async def request(self, request: ApprovalRequest) -> str:
        for approval in self._rows.values():
            asked = approval.request
            if (asked.turn_id, asked.fingerprint) == (request.turn_id, request.fingerprint):
                return approval.id
        approval_id = f"approval-{len(self._rows) + 1}"
        self._rows[approval_id] = Approval(approval_id, request, ApprovalState.PENDING)
        return approval_id

    async def get(self, approval_id: str) -> Approval | None:
        approval = self._rows.get(approval_id)
        if approval is None or approval.state is not ApprovalState.PENDING:
            return approval
        if approval.request.expires_at <= self._now():
            return replace(approval, state=ApprovalState.EXPIRED)
        return approval

    async def pending(self, conversation: str) -> tuple[Approval, ...]:
        current = [await self.get(approval_id) for approval_id in self._rows]
        return tuple(
            approval
            for approval in current
            if approval is not None
            and approval.state is ApprovalState.PENDING
            and approval.request.conversation == conversation
        )

    async def decide(self, approval_id: str, by: str, *, approve: bool) -> Decided | None:
        approval = await self.get(approval_id)
        if approval is None or approval.state is not ApprovalState.PENDING:
            return None if approval is None else Decided(approval, is_first=False)
        state = ApprovalState.APPROVED if approve else ApprovalState.DENIED
        self._rows[approval_id] = replace(approval, state=state, decided_by=by, decided_at=self._now())
        return Decided(self._rows[approval_id], is_first=True)
