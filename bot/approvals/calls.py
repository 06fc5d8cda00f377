"""Who is named to decide and cannot see the card is told that it waits for them: once, in a direct message.

What waits stands on their Home tab, with its price, its SQL and its buttons; the message says no more than that.
"""

import re
from dataclasses import replace
from typing import Final, Protocol

import structlog

from agent.notice import Notice
from agent.policy.approvals import Approval, Approvals, ApprovalState
from agent.policy.card import card_of
from bot.inbox.items import TurnRequested
from bot.replies import Replies, Reply
from bot.surface import People, Place, Rooms

log = structlog.get_logger(__name__)

_USER_ID: Final = re.compile(r"[UW][A-Z0-9]+")
"""Groups are named by `S...` or by their handles, which are in small letters: nobody wants a call per member."""


class DirectNotices(Protocol):
    """`bot.slack.direct.SlackDirectMessages`."""

    async def open(self, user: str) -> str | None:
        """The channel of the bot's conversation with *user*; None where they take none from it."""
        ...

    async def tell(self, place: Place, notice: Notice, *, may_exist: bool) -> str | None:
        """Post *notice* at *place*; its ts, or None where Slack refuses. `may_exist` as for a reply."""
        ...


class CallService:
    def __init__(
        self, *, approvals: Approvals, replies: Replies, rooms: Rooms, people: People, direct: DirectNotices
    ) -> None:
        self._approvals = approvals
        self._replies = replies
        self._rooms = rooms
        self._people = people
        self._direct = direct

    async def call(self, item: TurnRequested, approval_id: str, channel: str) -> None:
        """Tell those whom the card of *approval_id* in *channel* names. Best effort: their Home tab has it anyway."""
        approval = await self._approvals.get(approval_id)
        if approval is None or approval.state is not ApprovalState.PENDING:
            return
        for user in card_of(approval).named:
            if _USER_ID.fullmatch(user) is None or user == approval.request.requester:
                continue
            try:
                if not await self._sees(user, channel):
                    await self._tell(user, approval, asked_at=float(item.spoken_at))
            except Exception:  # the boundary of one call: the answer stands, and the others are called
                log.warning("approval.not_called", approval=approval.id, user=user, exc_info=True)

    async def _sees(self, user: str, channel: str) -> bool:
        return not channel.startswith("D") and await self._rooms.holds(channel, user)

    async def _tell(self, user: str, approval: Approval, *, asked_at: float) -> None:
        call_id = f"call:{approval.id}:{user}"
        earlier = await self._replies.find(call_id)
        if earlier is not None and earlier.ts is not None:
            return
        channel = earlier.channel if earlier is not None else await self._direct.open(user)
        if channel is None:
            return
        conversation = f"{approval.request.conversation.partition(':')[0]}:{channel}"
        reply = Reply(call_id, conversation, channel, None)
        if earlier is None:
            # Written before it is posted: who comes after a crash knows that it may stand there already.
            await self._replies.keep_place(reply)
        language = (await self._people.find(user)).language_for("")
        place = Place(call_id, conversation, channel, None, user, asked_at, language)
        request = approval.request
        notice = Notice("approval.your_word", {"by": request.requester, "at": request.expires_at.timestamp()})
        ts = await self._direct.tell(place, notice, may_exist=earlier is not None)
        if ts is not None:
            await self._replies.keep_place(replace(reply, ts=ts))
            log.info("approval.called", approval=approval.id, user=user)
