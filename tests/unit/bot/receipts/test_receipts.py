"""Receipts: what they say, to whom, and in place of what."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from agent.audit import AuditEntry
from agent.bigquery.warehouse import TableState
from agent.notice import Notice
from agent.spend import Payers
from agent.sql.fingerprint import fingerprint
from agent.turn import Answer, Bill, DecisionWord, Language, Member, Usage
from bot.asides import private_id
from bot.inbox.items import ReceiptAsked, ReceiptRequested
from bot.receipts.receipt import Receipt
from bot.receipts.service import ReceiptService
from bot.receipts.table_ages import TableAges
from bot.replies import Reply, encode_answer
from bot.shown_answer import ShownAnswers
from bot.surface import Person
from tests.fakes.ledger import FakeLedger
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms
from tests.fakes.warehouse import FakeWarehouse

RAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
SQL, ORDERS = "SELECT COUNT(*) FROM shop.orders", "demo.shop.orders"
ANSWER = Answer(
    "turn-1", "en", None, text="Orders", sql=SQL, decision=DecisionWord.AUTO_EXECUTE, tables_read=(ORDERS,),
    bill=Bill(10 << 20, 10 << 20, 0.00006), assumptions=("all statuses",),
)  # fmt: skip
JOB = AuditEntry(
    "job:1", "job", RAN, "turn-1", "T1:C1", Payers("T1", "U1", "C1"), "policy-7", sql=SQL, fingerprint=fingerprint(SQL),
    decision=DecisionWord.APPROVAL_REQUIRED, reasons=(Notice("approval.cost"),), approver="UBOSS", job_id="databolt_1",
)  # fmt: skip
MODEL = replace(
    JOB, key="model:1", kind="model", fingerprint="", model="m", usage=Usage(0, 100, 20), cost_usd=Decimal("0.01")
)


class Views:
    def __init__(self) -> None:
        self.shown: list[Receipt] = []
        self.said: list[str] = []

    async def fill(self, view_id: str, receipt: Receipt) -> None:
        self.shown.append(receipt)

    async def say(self, view_id: str, notice: Notice, language: Language) -> None:
        self.said.append(notice.code)

    async def respond(self, address: str, receipt: Receipt | list[Notice], language: Language | None = None) -> None:
        if isinstance(receipt, Receipt):
            self.shown.append(receipt)
        else:
            self.said += [notice.code for notice in receipt]


class People:
    async def find(self, user: str) -> Person:
        return Person()


@dataclass
class Desk:
    replies: FakeReplies = field(default_factory=FakeReplies)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    warehouse: FakeWarehouse = field(default_factory=FakeWarehouse)
    views: Views = field(default_factory=Views)
    last: tuple[str, ...] = ()

    async def last_answered(self, channel: str, user: str) -> tuple[str, ...]:
        return self.last

    async def answered(self, answer: Answer, turn_id: str = "turn-1", channel: str = "C1") -> None:
        await self.replies.keep_place(Reply(turn_id, "T1:C1", channel, None, ts="1.1"))
        await self.replies.keep_answer(turn_id, encode_answer(answer))

    @property
    def service(self) -> ReceiptService:
        return ReceiptService(
            shown=ShownAnswers(replies=self.replies, rooms=FakeRooms({"C1": (Member("U1"),)})),
            last=self,
            ledger=self.ledger,
            ages=TableAges(self.warehouse, lambda: 0.0),
            views=self.views,
            responses=self.views,  # type: ignore[arg-type]  # one fake for both ways to be answered
            people=People(),
            usd_per_tib=6.25,
        )

    async def press(self, turn_id: str = "turn-1", channel: str = "C1", user: str = "U1") -> None:
        item = ReceiptRequested(
            dedupe_key="click:1", conversation="control:view:V1", spoken_at=Decimal(1), view_id="V1", turn_id=turn_id,
            user=user, channel=channel,
        )  # fmt: skip
        await self.service.run(item)

    async def command(self) -> None:
        item = ReceiptAsked(
            dedupe_key="command:1", conversation="control:1", spoken_at=Decimal(1), channel="C1", user="U1", address="a"
        )
        await self.service.run(item)


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.ledger.entries = [JOB, MODEL, replace(MODEL, key="model:2", cost_usd=Decimal("0.02"))]
    return made


async def test_a_receipt_says_what_it_cost_who_decided_and_what_it_was_made_of(desk: Desk) -> None:
    desk.warehouse.states[ORDERS] = TableState(ORDERS, "TABLE", RAN - timedelta(hours=1))
    await desk.answered(ANSWER)
    await desk.press()
    [receipt] = desk.views.shown
    assert (receipt.sql, receipt.bytes_billed, receipt.cost_usd) == (SQL, 10 << 20, 0.00006)
    assert (receipt.decision, receipt.approver) == (DecisionWord.AUTO_EXECUTE, "UBOSS")
    assert (receipt.job_id, receipt.policy_version) == ("databolt_1", "policy-7")
    assert receipt.model is not None
    assert (receipt.model.calls, receipt.model.tokens, receipt.model.cost_usd) == (2, 240, Decimal("0.03"))
    [table] = receipt.tables
    assert (table.changed_at, table.is_newer) == ((RAN - timedelta(hours=1)).timestamp(), False)


async def test_a_table_that_has_changed_since_is_said_to_be_newer(desk: Desk) -> None:
    desk.warehouse.states[ORDERS] = TableState(ORDERS, "TABLE", RAN + timedelta(hours=1))
    await desk.answered(ANSWER)
    await desk.press()
    assert desk.views.shown[0].tables[0].is_newer


async def test_a_table_that_nobody_can_look_at_has_no_age(desk: Desk) -> None:
    desk.warehouse.broken_tables.add(ORDERS)
    await desk.answered(ANSWER)
    await desk.press()
    assert desk.views.shown[0].tables[0].changed_at is None


async def test_what_the_asker_alone_may_see_of_a_turn_is_not_on_the_rooms_receipt(desk: Desk) -> None:
    await desk.answered(replace(ANSWER, sql=None, tables_read=()))
    await desk.press()
    await desk.answered(replace(ANSWER, sql="SELECT 1", tables_read=()))
    await desk.press()
    assert desk.views.said == ["receipt.missing"]
    [receipt] = desk.views.shown
    assert (receipt.job_id, receipt.reasons, receipt.approver) == (None, (), None)


async def test_a_private_answer_has_the_receipt_of_its_turn(desk: Desk) -> None:
    await desk.answered(ANSWER, private_id("turn-1"), "D1")
    await desk.press(private_id("turn-1"), "D1")
    assert desk.views.shown[0].job_id == "databolt_1"


@pytest.mark.parametrize(
    ("turn_id", "channel", "user", "said"),
    [
        ("turn-1", "C1", "U9", "receipt.refused"),
        ("turn-1", "C2", "U1", "receipt.missing"),
        ("turn-9", "C1", "U1", "receipt.missing"),
    ],
)
async def test_only_who_may_see_an_answer_sees_its_receipt(
    desk: Desk, turn_id: str, channel: str, user: str, said: str
) -> None:
    await desk.answered(ANSWER)
    await desk.press(turn_id, channel, user)
    assert (desk.views.shown, desk.views.said) == ([], [said])


async def test_the_command_means_the_last_answer_that_has_a_receipt(desk: Desk) -> None:
    await desk.answered(ANSWER)
    await desk.answered(Answer("turn-2", "en", None, text="Hello"), "turn-2")
    desk.last = ("turn-2", "turn-1")
    await desk.command()
    assert [receipt.sql for receipt in desk.views.shown] == [SQL]
    desk.last = ("turn-2",)
    await desk.command()
    assert desk.views.said == ["receipt.none_here"]
