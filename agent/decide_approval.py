"""A yes or a no to what waits for approval: by its id from a button, or in words when exactly one waits."""

from dataclasses import dataclass

from agent.context import Context
from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalState, Decided
from agent.state import State
from agent.turn import Approve, Cancel


@dataclass(frozen=True, slots=True)
class Word:
    """What came of it: `granted` may run now."""

    granted: Approval | None
    notices: tuple[Notice, ...]


async def implied_approvals(state: State, context: Context) -> tuple[Approval, ...]:
    """What a bare yes or no can mean: what waits in this conversation and was asked for since it last started over."""
    set_aside = state.get("set_aside", [])
    pending = await context.services.approvals.pending(context.turn.conversation)
    return tuple(approval for approval in pending if approval.id not in set_aside)


async def decide_approval(state: State, context: Context, *, approve: bool) -> Word:
    """Only approvals asked for in this conversation are seen; the first word counts, the second hears whose it was."""
    approval_id = await _which(state, context)
    if isinstance(approval_id, Notice):
        return Word(None, (approval_id,))
    decided = await context.services.approvals.decide(approval_id, context.turn.actor.user, approve=approve)
    if decided is None:
        return Word(None, (Notice("approval.unknown"),))
    return _word(decided, by=context.turn.actor.user, approve=approve)


async def _which(state: State, context: Context) -> str | Notice:
    """The id, or why there is none."""
    turn = context.turn
    approvals = context.services.approvals
    if isinstance(turn.preset, Approve | Cancel):
        named = await approvals.get(turn.preset.approval_id)
        is_ours = named is not None and named.request.conversation == turn.conversation
        return turn.preset.approval_id if is_ours else Notice("approval.unknown")
    pending = await implied_approvals(state, context)
    match pending:
        case [only]:
            return only.id
        case []:
            return Notice("approval.none_pending")
        case _:
            return Notice("approval.which", {"count": len(pending)})


def _word(decided: Decided, *, by: str, approve: bool) -> Word:
    approval = decided.approval
    match approval.state:
        case ApprovalState.APPROVED if approve and (decided.is_first or approval.decided_by == by):
            # The second half is this very turn after a crash, or the same person pressing twice: the approval fixes
            # the job's id, so it is the same job and nothing is billed again.
            return Word(approval, (Notice("approval.granted", {"by": by}),))
        case ApprovalState.DENIED if not approve and (decided.is_first or approval.decided_by == by):
            return Word(None, (Notice("approval.cancelled", {"by": by}),))
        case ApprovalState.EXPIRED:
            return Word(None, (Notice("approval.expired"),))
        case ApprovalState.PENDING:
            return Word(None, (Notice("approval.unknown"),))
        case state:
            params = {"by": approval.decided_by or "", "state": str(state)}
            return Word(None, (Notice("approval.already_decided", params),))
