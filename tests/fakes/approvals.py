"""`Approvals` in memory, with a clock that a test can move."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from agent.policy.approvals import Approval, ApprovalRequest, ApprovalState, Decided


class FakeApprovals:
    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._rows: dict[str, Approval] = {}
        self._vias: dict[str, str] = {}
        self._shown: dict[str, ApprovalState] = {}

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
            expired = replace(approval, state=ApprovalState.EXPIRED, decided_at=approval.request.expires_at)
            self._rows[approval_id] = expired
        return self._rows[approval_id]

    async def pending(self, conversation: str) -> tuple[Approval, ...]:
        current = [await self.get(approval_id) for approval_id in list(self._rows)]
        return tuple(
            approval
            for approval in current
            if approval is not None
            and approval.state is ApprovalState.PENDING
            and approval.request.conversation == conversation
        )

    async def open(self, limit: int) -> tuple[Approval, ...]:
        current = [await self.get(approval_id) for approval_id in list(self._rows)]
        waiting = [one for one in current if one is not None and one.state is ApprovalState.PENDING]
        return tuple(sorted(waiting, key=lambda one: (one.request.expires_at, one.id))[:limit])

    async def decide(self, approval_id: str, by: str, *, approve: bool, via: str = "") -> Decided | None:
        approval = await self.get(approval_id)
        if approval is None:
            return None
        if approval.state is not ApprovalState.PENDING:
            return Decided(approval, is_first=via != "" and self._vias.get(approval_id) == via)
        state = ApprovalState.APPROVED if approve else ApprovalState.DENIED
        self._rows[approval_id] = replace(approval, state=state, decided_by=by, decided_at=self._now())
        self._vias[approval_id] = via
        return Decided(self._rows[approval_id], is_first=True)

    async def outdated_cards(self, limit: int) -> tuple[Approval, ...]:
        current = [await self.get(approval_id) for approval_id in list(self._rows)]
        return tuple(
            approval
            for approval in current
            if approval is not None and self._shown.get(approval.id, ApprovalState.PENDING) is not approval.state
        )[:limit]

    async def settled_of(self, turn_id: str) -> tuple[Approval, ...]:
        return tuple(
            approval
            for approval in self._rows.values()
            if approval.request.turn_id == turn_id and approval.state is not ApprovalState.PENDING
        )

    async def card_shows(self, approval_id: str, state: ApprovalState) -> None:
        self._shown[approval_id] = state
