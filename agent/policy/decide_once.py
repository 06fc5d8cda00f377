"""One word on one approval: by somebody who may, before expiry, once. Button, emoji and words all end here."""

from dataclasses import dataclass

from agent.notice import Notice
from agent.policy.approvals import Approval, Approvals, ApprovalState
from agent.turn import Member


@dataclass(frozen=True, slots=True)
class Ruling:
    approval: Approval
    counts: bool
    """This word decided: it is the one to act on."""
    notice: Notice
    """What the person should hear."""


async def decide_once(
    approvals: Approvals, approval: Approval, person: Member, *, approve: bool, via: str
) -> Ruling | None:
    """*via* names the press, so that a redelivered one counts again. None: there is no such approval any more."""
    request = approval.request
    # Who may decide was fixed when the approval was asked for: asking before the row is locked is no race.
    is_open = approval.state is ApprovalState.PENDING
    if is_open and not request.deciders.allow(person, requester=request.requester):
        return Ruling(approval, False, Notice(_refusal(approval, person)))
    decided = await approvals.decide(approval.id, person.user, approve=approve, via=via)
    if decided is None:
        return None
    notice = outcome_of(decided.approval) if decided.is_first else told_late(decided.approval)
    return Ruling(decided.approval, decided.is_first, notice)


def outcome_of(approval: Approval) -> Notice:
    """What became of it, for whoever waits."""
    match approval.state:
        case ApprovalState.APPROVED:
            return Notice("approval.granted", {"by": approval.decided_by or ""})
        case ApprovalState.DENIED:
            return Notice("approval.cancelled", {"by": approval.decided_by or ""})
        case ApprovalState.EXPIRED:
            return Notice("approval.expired")
        case ApprovalState.PENDING:
            return Notice("approval.not_granted", {"state": str(approval.state)})


def told_late(approval: Approval) -> Notice:
    """For who comes second: nothing has changed, and whose word it was."""
    if approval.state is ApprovalState.EXPIRED:
        return Notice("approval.expired")
    return Notice("approval.already_decided", {"by": approval.decided_by or "", "state": str(approval.state)})


def _refusal(approval: Approval, person: Member) -> str:
    is_own = person.user == approval.request.requester
    return "approval.four_eyes" if is_own and approval.request.deciders.four_eyes else "approval.not_yours"
