"""Somebody pressed "Allow": if they may, the channel is answered in from now on, the waiting question first."""

from collections.abc import Collection
from typing import Protocol

import structlog

from agent.notice import Notice
from agent.turn import Language, Member
from bot.consents.consents import Consents
from bot.inbox.inbox import Inbox
from bot.inbox.items import ConsentGiven, TurnRequested
from bot.noticeboard import Noticeboard
from bot.surface import Rooms, Whispers

log = structlog.get_logger(__name__)


class ConsentFaces(Protocol):
    async def show(self, channel: str, ts: str, given_by: str, language: Language) -> None:
        """Say in the request's place that answers are allowed, and by whom. Raises what is transient."""
        ...


class ConsentService:
    def __init__(
        self,
        *,
        consents: Consents,
        inbox: Inbox,
        rooms: Rooms,
        faces: ConsentFaces,
        whispers: Whispers,
        board: Noticeboard,
        named: Collection[str] = (),
    ) -> None:
        """*named*: who may consent, by user id, user group id or handle; empty: every full member of the company."""
        self._consents = consents
        self._inbox = inbox
        self._rooms = rooms
        self._faces = faces
        self._whispers = whispers
        self._board = board
        self._named = frozenset(named)

    async def run(self, item: ConsentGiven) -> None:
        """May be called again: the first consent stands, and its question is put once."""
        asker = (await self._rooms.audience(item.channel, item.user, kind="asker")).asker
        if not self._may(asker) or not await self._rooms.holds(item.channel, item.user):
            log.warning("consent.refused", channel=item.channel, user=item.user)
            await self._tell(item, "consent.not_yours")
            return
        is_first = await self._consents.given_by(item.channel) is None
        given_by = await self._consents.give(item.channel, item.user)
        log.info("consent.given", channel=item.channel, by=given_by)
        if is_first:
            await self._board.post(Notice("board.consent", {"by": given_by, "channel": item.channel}))
        await self._ask_again(item)
        await self._faces.show(item.channel, item.card_ts, given_by, item.language)

    async def give_up(self, item: ConsentGiven) -> None:
        await self._tell(item, "turn.busy")

    async def _ask_again(self, item: ConsentGiven) -> None:
        """The question that waits, as who asked it: the inbox still knows it, and no button could forge it."""
        waiting = await self._inbox.look_up(item.turn_id)
        if isinstance(waiting, TurnRequested) and waiting.channel == item.channel:
            await self._inbox.put(waiting.model_copy(update={"dedupe_key": f"consented:{waiting.dedupe_key}"}))

    def _may(self, member: Member | None) -> bool:
        if member is None or member.is_guest or member.is_external:
            return False
        return not self._named or member.user in self._named or not self._named.isdisjoint(member.groups)

    async def _tell(self, item: ConsentGiven, code: str) -> None:
        await self._whispers.whisper(item.channel, item.user, Notice(code), item.language, thread_ts=item.thread_ts)
