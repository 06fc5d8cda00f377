"""A press on Approve or Cancel, or a mark on the card: decided at once, beside the turns, and carried out as one."""

import structlog

from agent.notice import Notice
from agent.policy.approvals import Approval, Approvals, ApprovalState
from agent.policy.decide_once import decide_once
from agent.policy.deciders import speaker_in
from agent.turn import CarryOut, Language
from bot.approvals.cards import card_outdated
from bot.inbox.inbox import Inbox
from bot.inbox.items import DecisionRequested, TurnRequested
from bot.replies import Replies, Reply, decode_answer
from bot.surface import People, Rooms, Whispers

log = structlog.get_logger(__name__)


class DecisionService:
    def __init__(
        self,
        *,
        approvals: Approvals,
        replies: Replies,
        inbox: Inbox,
        rooms: Rooms,
        people: People,
        whispers: Whispers,
    ) -> None:
        self._approvals = approvals
        self._replies = replies
        self._inbox = inbox
        self._rooms = rooms
        self._people = people
        self._whispers = whispers

    async def run(self, item: DecisionRequested) -> None:
        if (notice := await self.decide(item)) is not None:
            await self._tell(item, notice)

    async def decide(self, item: DecisionRequested) -> Notice | None:
        """What the person should hear. None: their word counts and is being carried out, or it was none."""
        approval = await self._meant(item)
        if approval is None:
            # a mark on a message that is no card means nothing to us
            return Notice("approval.unknown") if item.approval_id is not None else None
        # Asked about alone: whoever else is in the room has no part in it, and the room may be too large to count.
        person = speaker_in(await self._rooms.audience(item.channel, item.user, kind="asker"), item.user)
        ruling = await decide_once(self._approvals, approval, person, approve=item.approve, via=item.dedupe_key)
        if ruling is None:
            return Notice("approval.unknown")
        log.info(
            "approval.pressed",
            approval=approval.id,
            user=item.user,
            approve=item.approve,
            counts=ruling.counts,
            state=ruling.approval.state.value,
            sign="button" if item.approval_id else "mark",
        )
        if not ruling.counts:
            return ruling.notice
        # A crash before the second put brings this item back: both keys are derived, so nothing happens twice.
        await self._inbox.put(card_outdated(ruling.approval, item.spoken_at))
        await self._inbox.put(await self._carrying_out(ruling.approval, item))
        return None

    async def give_up(self, item: DecisionRequested) -> None:
        await self._tell(item, Notice("error.unexpected"))

    async def _meant(self, item: DecisionRequested) -> Approval | None:
        """The approval, if its card stands where the press came from: ids come back from outside."""
        approval_id = item.approval_id or await self._on_card(item)
        approval = await self._approvals.get(approval_id) if approval_id else None
        if approval is None:
            return None
        is_here = f"{approval.request.conversation}:".startswith(f"{item.team}:{item.channel}:")
        return approval if is_here or await self._is_told_here(approval, item) else None

    async def _is_told_here(self, approval: Approval, item: DecisionRequested) -> bool:
        """The card went to the asker in private, because the channel is closed to us."""
        reply = await self._replies.find(approval.request.turn_id)
        return reply is not None and reply.channel == item.channel

    async def _on_card(self, item: DecisionRequested) -> str | None:
        reply = await self._replies.find_at(item.channel, item.card_ts) if item.card_ts else None
        return None if reply is None else _approval_on(reply)

    async def _carrying_out(self, approval: Approval, item: DecisionRequested) -> TurnRequested:
        """The turn that runs it, as the requester's own: an approval pays for a question, it lends nobody's rights."""
        request = approval.request
        reply = await self._replies.find(request.turn_id)
        channel = reply.channel if reply is not None else item.channel
        return TurnRequested(
            dedupe_key=f"decided:{approval.id}",
            conversation=request.conversation,
            spoken_at=item.spoken_at,
            team=item.team,
            channel=channel,
            thread_ts=reply.thread_ts if reply is not None else item.thread_ts,
            user=request.requester,
            text=request.question,
            surface="dm" if channel.startswith("D") else "channel",
            preset=CarryOut(approval.id, approved=approval.state is ApprovalState.APPROVED),
        )

    async def _tell(self, item: DecisionRequested, notice: Notice) -> None:
        language = item.language or await self._language(item.user)
        await self._whispers.whisper(item.channel, item.user, notice, language, thread_ts=item.thread_ts)

    async def _language(self, user: str) -> Language:
        return (await self._people.find(user)).language_for("")


def _approval_on(reply: Reply) -> str | None:
    if reply.answer is None:
        return None
    try:
        return decode_answer(reply.answer).approval_id
    except ValueError:  # kept by another version of the bot
        log.warning("approval.answer_unreadable", turn=reply.turn_id)
        return None
