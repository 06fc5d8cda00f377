"""Receipts: in a modal that was opened empty, or to who asks for that of their last answer by `/data receipt`."""

from typing import Protocol

import structlog

from agent.audit import AuditEntry
from agent.language import language_of_locale
from agent.notice import Notice
from agent.turn import Answer, Language
from bot.asides import turn_of
from bot.commands.responses import Responses
from bot.inbox.items import ReceiptAsked, ReceiptRequested
from bot.receipts.receipt import Receipt, read_at, receipt_of
from bot.receipts.table_ages import TableAges
from bot.shown_answer import ShownAnswers
from bot.surface import People

log = structlog.get_logger(__name__)


class ReceiptViews(Protocol):
    async def fill(self, view_id: str, receipt: Receipt) -> None: ...

    async def say(self, view_id: str, notice: Notice, language: Language) -> None:
        """A sentence in place of the receipt."""
        ...

    async def respond(self, address: str, receipt: Receipt) -> None:
        """The receipt for whoever gave a command alone, at the command's *address*. Raises what is transient."""
        ...


class Ledger(Protocol):
    async def of_turn(self, turn_id: str) -> tuple[AuditEntry, ...]:
        """What the audit has of the turn, oldest first."""
        ...


class LastReplies(Protocol):
    async def last_answered(self, channel: str, user: str) -> tuple[str, ...]:
        """The turns of the newest answers that *user* asked for in *channel*, newest first."""
        ...


class ReceiptService:
    def __init__(
        self,
        *,
        shown: ShownAnswers,
        last: LastReplies,
        ledger: Ledger,
        ages: TableAges,
        views: ReceiptViews,
        responses: Responses,
        people: People,
        usd_per_tib: float,
    ) -> None:
        self._shown = shown
        self._last = last
        self._ledger = ledger
        self._ages = ages
        self._views = views
        self._responses = responses
        self._people = people
        self._usd_per_tib = usd_per_tib

    async def run(self, item: ReceiptRequested | ReceiptAsked) -> None:
        match item:
            case ReceiptRequested():
                await self._fill(item)
            case ReceiptAsked():
                await self._answer_command(item)

    async def give_up(self, item: ReceiptRequested | ReceiptAsked) -> None:
        """Nobody will try again: better a sentence than a modal that loads for ever."""
        match item:
            case ReceiptRequested():
                await self._views.say(item.view_id, Notice("receipt.failed"), item.language)
            case ReceiptAsked():
                await self._respond(item, Notice("receipt.failed"))

    async def _fill(self, item: ReceiptRequested) -> None:
        found = await self._find(item.turn_id, item.channel, item.user)
        if isinstance(found, Receipt):
            await self._views.fill(item.view_id, found)
        else:
            await self._views.say(item.view_id, found, item.language)

    async def _answer_command(self, item: ReceiptAsked) -> None:
        """A command says no thread: its giver's own last answer in that channel is what they mean."""
        for turn_id in await self._last.last_answered(item.channel, item.user):
            found = await self._find(turn_id, item.channel, item.user)
            if isinstance(found, Receipt):
                await self._views.respond(item.address, found)
                return
        await self._respond(item, Notice("receipt.none_here"))

    async def _respond(self, item: ReceiptAsked, notice: Notice) -> None:
        person = await self._people.find(item.user)
        await self._responses.respond(item.address, [notice], language_of_locale(person.locale))

    async def _find(self, turn_id: str, channel: str, user: str) -> Receipt | Notice:
        answer = await self._shown.find(turn_id, channel=channel, user=user)
        if not isinstance(answer, Answer):
            return Notice("receipt.refused" if answer == "refused" else "receipt.missing")
        if answer.sql is None or (answer.bill.bytes_estimated is None and answer.bill.bytes_billed is None):
            return Notice("receipt.missing")
        entries = await self._ledger.of_turn(turn_of(turn_id))
        ages = await self._ages.of(answer.tables_read, read_at=read_at(answer, entries))
        log.info("receipt.shown", turn=turn_id, user=user)
        return receipt_of(answer, entries, ages, usd_per_tib=self._usd_per_tib)
