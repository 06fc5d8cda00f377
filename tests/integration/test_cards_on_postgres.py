"""Many cards in one thread, pressed by everybody at once: each runs its own statement, once, and no other."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.bigquery.pricing import MEBIBYTE
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.policy.approvals import Approval, ApprovalState
from agent.policy.cost import CostLimits
from agent.policy.decide_once import Ruling, decide_once
from agent.query import QueryPolicy, QueryRefused, QueryRequest, QueryRunner
from agent.turn import Actor, Audience, Member
from bot.storage.approvals import PostgresApprovals
from bot.storage.database import Database
from tests.fakes.access import access_of, everyone_reads
from tests.fakes.cashier import cashier_at
from tests.fakes.results import FakeResults
from tests.fakes.warehouse import FakeWarehouse, Statement
from tests.unit.agent.test_query import ScriptedGate

ORDERS = "demo.shop.orders"
STATEMENTS = [f"SELECT {n} FROM shop.orders" for n in range(8)]
PRESSES = 7
"""For each card: fifty-six in all."""


def asked_in_turn(number: int) -> QueryRequest:
    return QueryRequest(f"t{number}", "T1:C1:1.0", Actor("U1", "T1"), Audience("channel", "C1"), "How many?")


async def test_no_card_ever_runs_another_cards_statement(database: Database) -> None:
    warehouse, approvals = FakeWarehouse(), PostgresApprovals(database)
    for sql in STATEMENTS:
        warehouse.knows(sql, Statement(bytes_processed=MEBIBYTE, tables=(ORDERS,)))
    runner = QueryRunner(
        gate=ScriptedGate(),
        warehouse=warehouse,
        policy=QueryPolicy(default_project="demo", limits=CostLimits(1 << 40, auto_execute_max_cost_usd=0)),
        approvals=approvals,
        results=FakeResults(lambda: datetime.now(UTC)),
        cashier=cashier_at(warehouse),
        access=access_of(
            everyone_reads("shop", project="demo"),
            project="demo",
            tables=[TableInfo(ORDERS, (ColumnInfo("n", "INT64"),))],
        ),
    )

    async def card(number: int, sql: str) -> Approval:
        request = asked_in_turn(number)
        approval_id = await runner.request_approval(await runner.check(sql, request), request)
        approval = await approvals.get(approval_id)
        assert approval is not None
        return approval

    async def press(approval: Approval, number: int) -> Ruling:
        """And what follows, for the one that counts: the run, as a turn of its own."""
        person = Member(f"U{number + 2}")
        ruling = await decide_once(approvals, approval, person, approve=number % 2 == 0, via=f"click:{number}")
        assert ruling is not None
        if ruling.counts and ruling.approval.state is ApprovalState.APPROVED:
            turn = replace(asked_in_turn(0), turn_id=f"decided:{approval.id}")
            await runner.run(ruling.approval.request.sql, turn, approved=ruling.approval)
        return ruling

    cards = await asyncio.gather(*(card(n, sql) for n, sql in enumerate(STATEMENTS)))
    rulings = await asyncio.gather(*(press(one, number) for number in range(PRESSES) for one in cards))
    assert sum(ruling.counts for ruling in rulings) == len(cards)
    final = {ruling.approval.id: ruling.approval for ruling in rulings if ruling.counts}
    granted = [one for one in final.values() if one.state is ApprovalState.APPROVED]
    assert sorted(job.job.sql for job in warehouse.jobs.values()) == sorted(one.request.sql for one in granted)

    # Whatever a press brings back from outside: with one card's word no other card's statement runs.
    for one in granted:
        for other in cards:
            if other.id != one.id:
                with pytest.raises(QueryRefused) as caught:
                    await runner.run(other.request.sql, asked_in_turn(0), approved=one)
                assert [reason.code for reason in caught.value.reasons] == ["approval.void_statement"]
    assert len(warehouse.jobs) == len(granted)
