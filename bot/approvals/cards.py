"""Approval cards say what became of their approval, whoever decided and however: the row is asked, never the press."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

import structlog

from agent.policy.approvals import Approval, Approvals, ApprovalState
from agent.policy.card import card_of
from agent.turn import Answer
from bot.approvals.calls import CallService
from bot.inbox.inbox import Inbox
from bot.inbox.items import CardOutdated, TurnRequested, control_lane
from bot.replies import Replies, Reply, decode_answer

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 2.0
"""A word in the thread reaches its card no later than that, and so does the end of the time."""
MOST_CARDS = 100
"""In one sweep; the next one takes the rest."""


class CardStates(Protocol):
    """Which cards are behind their approvals."""

    async def outdated_cards(self, limit: int) -> tuple[Approval, ...]:
        """Approvals whose card says something else than they do. Those whose time is up are expired first, for good."""
        ...

    async def settled_of(self, turn_id: str) -> tuple[Approval, ...]:
        """What *turn_id* asked for and nobody can decide any more."""
        ...

    async def card_shows(self, approval_id: str, state: ApprovalState) -> None:
        """The card says *state* now, or nobody will make it say so."""
        ...


class Faces(Protocol):
    async def show(self, channel: str, ts: str, answer: Answer) -> None:
        """Put *answer*, as it stands now, where its card stands. Raises what is transient; a card that is gone is no
        error."""
        ...


class CardService:
    def __init__(
        self,
        *,
        approvals: Approvals,
        states: CardStates,
        replies: Replies,
        faces: Faces,
        calls: CallService | None = None,
    ) -> None:
        """Without *calls* nobody is told of a card that they cannot see."""
        self._approvals = approvals
        self._states = states
        self._replies = replies
        self._faces = faces
        self._calls = calls

    async def run(self, item: CardOutdated) -> None:
        await self.refresh(item.approval_id)

    async def refresh(self, approval_id: str) -> None:
        """Make the card say what became of its approval. A card that waits is left as it was posted."""
        approval = await self._approvals.get(approval_id)
        if approval is None or approval.state is ApprovalState.PENDING:
            return
        reply = await self._replies.find(approval.request.turn_id)
        if reply is not None and reply.ts is not None and (answer := _answer(reply)) is not None:
            await self._faces.show(reply.channel, reply.ts, replace(answer, card=card_of(approval)))
        # Where no card was posted yet, the turn that posts it refreshes it afterwards.
        await self._states.card_shows(approval.id, approval.state)
        log.info("approval.card_shows", approval=approval.id, state=approval.state.value)

    async def catch_up(self, item: TurnRequested) -> None:
        """A card whose approval was decided while the turn was posting it must not go on saying that it waits.

        And one that waits reaches those whom it names.
        """
        for approval in await self._states.settled_of(item.dedupe_key):
            await self.refresh(approval.id)
        if self._calls is None:
            return
        reply = await self._replies.find(item.dedupe_key)
        if reply is not None and (answer := _answer(reply)) is not None and answer.approval_id is not None:
            await self._calls.call(item, answer.approval_id, reply.channel)

    async def give_up(self, item: CardOutdated) -> None:
        """Slack takes no update of it: the row decides all the same, and whoever presses is told."""
        approval = await self._approvals.get(item.approval_id)
        if approval is not None:
            await self._states.card_shows(approval.id, approval.state)
        log.error("approval.card_stays_outdated", approval=item.approval_id)


def card_outdated(approval: Approval, at: Decimal) -> CardOutdated:
    """One per approval and outcome, however many notice it: two replicas, the press and the sweep."""
    return CardOutdated(
        dedupe_key=f"card:{approval.id}:{approval.state.value}",
        conversation=control_lane(f"card:{approval.id}"),
        spoken_at=at,
        approval_id=approval.id,
    )


async def keep_cards_current(states: CardStates, inbox: Inbox, *, every: float = SWEEP_SECONDS) -> None:
    """The tick: what ran out, or was decided while nobody could say so, becomes an item. Runs until cancelled."""
    while True:
        try:
            for approval in await states.outdated_cards(MOST_CARDS):
                await inbox.put(card_outdated(approval, Decimal(str(datetime.now(UTC).timestamp()))))
        except Exception:  # the boundary of the tick: the database may be down, the next one looks again
            log.warning("approval.sweep_failed", exc_info=True)
        await asyncio.sleep(every)


def _answer(reply: Reply) -> Answer | None:
    if reply.answer is None:
        return None
    try:
        return decode_answer(reply.answer)
    except ValueError:  # kept by another version of the bot
        log.warning("approval.answer_unreadable", turn=reply.turn_id)
        return None
