"""Asks a person to let a statement run: the row, what its card says, and what would be cheaper."""

from pydantic import TypeAdapter

from agent.context import Context
from agent.notice import Notice
from agent.policy.approvals import Approval
from agent.policy.card import card_of
from agent.policy.deciders import speaker_in
from agent.price_twins import price_twins
from agent.query import Check, QueryRequest
from agent.state import Work
from agent.turn import Card, DecisionWord, Twin, Waiting

_CARD = TypeAdapter(Card | None)
_TWINS = TypeAdapter(tuple[Twin, ...])
_WAITING = TypeAdapter(tuple[Waiting, ...])


async def ask_approval(check: Check, context: Context, request: QueryRequest) -> tuple[Work, tuple[Notice, ...]]:
    """The row is there when this returns, the same one when the turn asks again. And what to say below the reasons."""
    services = context.services
    approval_id = await services.runner.request_approval(check, request)
    approval = await services.approvals.get(approval_id)
    assert approval is not None, "it was kept a moment ago, and approvals are never deleted"
    work: Work = {
        "decision": DecisionWord.APPROVAL_REQUIRED.value,
        "approval_id": approval_id,
        "card": _CARD.dump_python(card_of(approval), mode="json"),
        "twins": _TWINS.dump_python(await price_twins(check, context, request), mode="json"),
    }
    return work, _hints(approval, request)


def _hints(approval: Approval, request: QueryRequest) -> tuple[Notice, ...]:
    """A direct message has nobody else in it: without this sentence the card would wait there until its time is up."""
    is_alone = request.audience.kind == "asker"
    requester = speaker_in(request.audience, request.actor.user)
    stuck = is_alone and approval.request.deciders.is_nobody_beside(requester)
    return (Notice("approval.nobody_here"),) if stuck else ()


def waiting_work(candidates: tuple[Approval, ...]) -> Work:
    """What a bare yes or no could have meant."""
    waiting = (Waiting(one.id, one.request.question, one.request.cost_ceiling_usd) for one in candidates)
    return {"waiting": _WAITING.dump_python(tuple(waiting), mode="json")} if candidates else {}


def card_from_plain(work: Work) -> Card | None:
    return _CARD.validate_python(work.get("card"))


def twins_from_plain(work: Work) -> tuple[Twin, ...]:
    return _TWINS.validate_python(work.get("twins", []))


def waiting_from_plain(work: Work) -> tuple[Waiting, ...]:
    return _WAITING.validate_python(work.get("waiting", []))
