"""What a card says of its approval: pure."""

from agent.policy.approvals import Approval
from agent.turn import Card


def card_of(approval: Approval) -> Card:
    request = approval.request
    deciders = request.deciders
    owner = (deciders.budget_owner,) if deciders.budget_owner else ()
    return Card(
        requester=request.requester,
        expires_at=request.expires_at.timestamp(),
        named=tuple(dict.fromkeys((*deciders.named, *owner))),
        requester_may=deciders.requester_may and not deciders.four_eyes,
        state=approval.state.value,
        decided_by=approval.decided_by,
        decided_at=approval.decided_at.timestamp() if approval.decided_at else None,
    )
