"""A yes or a no to what waits for approval: by its id from a button, or in words when exactly one waits."""

from dataclasses import dataclass, replace

from agent.context import Context
from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalState
from agent.policy.decide_once import decide_once, outcome_of, told_late
from agent.policy.deciders import speaker_in
from agent.query import QueryRequest
from agent.state import State
from agent.turn import Approve, Cancel, CarryOut


@dataclass(frozen=True, slots=True)
class Word:
    """What came of it: `granted` may run now."""

    granted: Approval | None
    notices: tuple[Notice, ...]
    candidates: tuple[Approval, ...] = ()
    """What the word could have meant, where that is not clear."""


def request_of(approval: Approval, context: Context) -> QueryRequest:
    """As the requester's own: an approval pays for a question, it neither lends rights nor takes them."""
    request = context.query_request
    asker = replace(request.actor, user=approval.request.requester)
    return replace(request, actor=asker, question=approval.request.question)


async def implied_approvals(state: State, context: Context) -> tuple[Approval, ...]:
    """What a bare yes or no can mean: what waits in this conversation and was asked for since it last started over."""
    set_aside = state.get("set_aside", [])
    pending = await context.services.approvals.pending(context.turn.conversation)
    return tuple(approval for approval in pending if approval.id not in set_aside)


async def decide_approval(state: State, context: Context, *, approve: bool) -> Word:
    """Only approvals asked for in this conversation are seen; the first word counts, the second hears whose it was."""
    match context.turn.preset:
        case CarryOut(approval_id, approved):
            return _carry_out(await _asked_here(approval_id, context), approved=approved)
        case Approve(approval_id) | Cancel(approval_id):
            named = await _asked_here(approval_id, context)
            return (
                await _decide(named, context, approve=approve) if named else Word(None, (Notice("approval.unknown"),))
            )
        case _:
            return await _decide_implied(state, context, approve=approve)


async def _asked_here(approval_id: str, context: Context) -> Approval | None:
    approval = await context.services.approvals.get(approval_id)
    is_ours = approval is not None and approval.request.conversation == context.turn.conversation
    return approval if is_ours else None


def _carry_out(approval: Approval | None, *, approved: bool) -> Word:
    """The word was given elsewhere: only the row says what it was."""
    wanted = ApprovalState.APPROVED if approved else ApprovalState.DENIED
    if approval is None:
        return Word(None, (Notice("approval.unknown"),))
    if approval.state is not wanted:
        return Word(None, (told_late(approval),))
    return Word(approval if approved else None, (outcome_of(approval),))


async def _decide_implied(state: State, context: Context, *, approve: bool) -> Word:
    pending = await implied_approvals(state, context)
    match pending:
        case [only] if not approve or await _can_run_here(only, context):
            return await _decide(only, context, approve=approve)
        case []:
            return Word(None, (Notice("approval.none_pending"),))
        case _:
            return Word(None, (Notice("approval.which", {"count": len(pending)}),), pending)


async def _can_run_here(approval: Approval, context: Context) -> bool:
    """Whether the turn of who says yes can run it as the requester's own. A button always can: it is carried out as a
    turn of theirs.

    Somebody else's turn knows nobody but its speaker in a large room, so neither what the requester may read nor who
    pays for them. And what the requester may see beyond the room goes to them in a turn of their own only.
    """
    turn, requester = context.turn, approval.request.requester
    if turn.actor.user == requester:
        return True
    present = (turn.audience.asker, *(turn.audience.members or ()))
    if all(member is None or member.user != requester for member in present):
        return False
    return (await context.services.runner.rights(request_of(approval, context))).is_one


async def _decide(approval: Approval, context: Context, *, approve: bool) -> Word:
    turn = context.turn
    # The turn's id names the word: this very turn after a crash is the same one, and the approval fixes the job's id.
    speaker = speaker_in(turn.audience, turn.actor.user)
    ruling = await decide_once(context.services.approvals, approval, speaker, approve=approve, via=turn.id)
    if ruling is None:
        return Word(None, (Notice("approval.unknown"),))
    return Word(ruling.approval if ruling.counts and approve else None, (ruling.notice,))
