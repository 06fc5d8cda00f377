"""The door and its cashier: what is held before a job, paid after it, and written down."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from agent.bigquery.pricing import MEBIBYTE
from agent.errors import JobFailed, WarehouseUnavailable
from agent.policy.budget import Budget, OnExceeded, Period, Scope, budget_owner_of
from agent.policy.decision import Allow, Deny, NeedApproval
from agent.query import QueryRefused
from agent.spend import Amount
from agent.turn import Actor, DecisionWord
from tests.fakes.warehouse import Statement
from tests.unit.agent.test_query import CHEAP, DEAR, ORDERS, REQUEST, Door, door

__all__ = ["door"]

BILL = 10 * MEBIBYTE
"""Of CHEAP: BigQuery's least."""


def limit(door: Door, size: int, *, subject: str = "U1", on_exceeded: OnExceeded = OnExceeded.BLOCK) -> None:
    door.books.set_budget(Budget(Scope.USER, subject, Period.DAY, size, None, on_exceeded, owner="U9"))


def states(door: Door) -> list[str]:
    return [reservation.state for reservation in door.books.reservations.values()]


def billed(door: Door) -> list[tuple[str, int | None]]:
    return [(entry.outcome, entry.bytes_billed) for entry in door.books.audit.of_kind("job")]


async def test_a_job_is_held_while_it_runs_and_paid_once_however_often_it_is_asked_for(door: Door) -> None:
    limit(door, BILL)
    door.warehouse.hold()
    running = asyncio.create_task(door.runner.run(CHEAP, REQUEST), name="run")
    await door.warehouse.inserted.wait()
    assert states(door) == ["held"]
    door.warehouse.release()
    await running
    await door.runner.run(CHEAP, REQUEST)  # no budget has room for a second one: it is the same
    assert states(door) == ["settled"]
    assert billed(door) == [("done", BILL)]
    (entry,) = door.books.audit.of_kind("job")
    assert (entry.job_id, entry.tables, entry.sql) == (next(iter(door.warehouse.jobs)), (ORDERS,), CHEAP)
    assert entry.cost_usd == Decimal("0.000059605")


async def test_what_no_budget_has_room_for_is_blocked_and_no_job_begins(door: Door) -> None:
    limit(door, BILL - 1)
    check = await door.runner.check(CHEAP, REQUEST)
    assert isinstance(check.decision, Deny)
    (reason,) = check.reasons
    assert reason.code == "deny.budget_bytes"
    assert dict(reason.params) == {
        "budget": "user:U1:day", "scope": "budget_user", "period": "budget_day", "owner": "U9", "left": BILL - 1,
        "limit": BILL - 1, "need": BILL, "resets": "2026-01-06 00:00 (UTC)",
    }  # fmt: skip
    with pytest.raises(QueryRefused) as caught:
        await door.runner.run(CHEAP, REQUEST)
    assert [reason.code for reason in caught.value.reasons] == ["deny.budget_bytes"]
    assert door.warehouse.jobs == {}


async def test_the_reservation_decides_whatever_the_check_has_said(door: Door) -> None:
    limit(door, BILL)
    assert (await door.runner.check(CHEAP, REQUEST)).decision == Allow()
    await door.runner.run(CHEAP, replace(REQUEST, turn_id="another"))
    with pytest.raises(QueryRefused):
        await door.runner.run(CHEAP, REQUEST)
    assert len(door.warehouse.jobs) == 1


async def test_a_checked_turn_that_ran_already_is_not_in_its_own_way(door: Door) -> None:
    limit(door, BILL)
    await door.runner.run(CHEAP, REQUEST)
    assert (await door.runner.check(CHEAP, REQUEST)).decision == Allow()


async def test_a_budget_that_asks_is_exceeded_by_the_word_that_was_asked_for_it(door: Door) -> None:
    limit(door, 1, on_exceeded=OnExceeded.APPROVAL)
    check = await door.runner.check(CHEAP, REQUEST)
    assert isinstance(check.decision, NeedApproval)
    assert [reason.code for reason in check.reasons] == ["approval.budget_bytes"]
    assert budget_owner_of(check.reasons) == "U9"
    with pytest.raises(QueryRefused):
        await door.runner.run(CHEAP, REQUEST)
    approval = await door.approve(CHEAP, by="U9")
    await door.runner.run(CHEAP, replace(REQUEST, actor=Actor("U9", "T1"), turn_id="click"), approved=approval)
    (entry,) = door.books.audit.of_kind("job")
    assert (entry.payers.user, entry.approver, entry.approval_id) == ("U1", "U9", approval.id)


async def test_a_yes_to_the_price_is_no_yes_to_a_budget_that_ran_out_meanwhile(door: Door) -> None:
    approval = await door.approve(DEAR)
    limit(door, 1, on_exceeded=OnExceeded.APPROVAL)
    with pytest.raises(QueryRefused) as caught:
        await door.runner.run(DEAR, REQUEST, approved=approval)
    assert [reason.code for reason in caught.value.reasons] == ["approval.budget_bytes"]
    assert door.warehouse.jobs == {}


async def test_who_asked_pays_whoever_presses(door: Door) -> None:
    limit(door, 1, subject="U2")
    approval = await door.approve(DEAR, by="U2")
    await door.runner.run(DEAR, replace(REQUEST, actor=Actor("U2", "T1"), turn_id="click"), approved=approval)
    assert [entry.payers.user for entry in door.books.audit.of_kind("job")] == ["U1"]


async def test_a_job_that_nothing_bounds_is_held_at_its_cap(door: Door) -> None:
    door.warehouse.knows(DEAR, Statement(tables=(ORDERS,), accuracy="LOWER_BOUND"))
    approval = await door.approve(DEAR)
    door.warehouse.hold()
    running = asyncio.create_task(door.runner.run(DEAR, REQUEST, approved=approval), name="run")
    await door.warehouse.inserted.wait()
    (reservation,) = door.books.reservations.values()
    assert reservation.need.bytes == 1 << 40
    door.warehouse.release()
    await running


async def test_what_bigquery_gave_up_is_settled_and_the_next_try_held_anew(door: Door) -> None:
    door.warehouse.fail_next_jobs(JobFailed("backend", reason="backendError"))
    await door.runner.run(CHEAP, REQUEST)
    assert states(door) == ["settled", "settled"]
    assert billed(door) == [("JobFailed", 0), ("done", BILL)]


async def test_an_outage_leaves_the_reservation_for_the_next_attempt(door: Door) -> None:
    door.warehouse.fail_next_jobs(WarehouseUnavailable("refused"))
    with pytest.raises(WarehouseUnavailable):
        await door.runner.run(CHEAP, REQUEST)
    assert states(door) == ["held"]


async def test_a_killed_turns_job_is_paid_by_bigquerys_own_account_of_it(door: Door) -> None:
    limit(door, BILL)
    door.warehouse.hold()
    running = asyncio.create_task(door.runner.run(CHEAP, REQUEST), name="run")
    await door.warehouse.inserted.wait()
    running.cancel()
    await asyncio.wait([running])
    await door.cashier.collect_all(timedelta(0))
    assert states(door) == ["held"]  # it runs still
    door.warehouse.release()
    await door.cashier.collect_all(timedelta(0))
    assert billed(door) == [("done", BILL)]
    await door.runner.run(CHEAP, REQUEST)  # redelivered after all
    assert billed(door) == [("done", BILL)]
    assert len(door.warehouse.jobs) == 1


async def test_what_is_held_for_a_job_that_never_began_is_returned(door: Door) -> None:
    limit(door, BILL)
    entry = replace((await decided(door))[0], key="job:lost", kind="job", job_id="lost")
    await door.books.reserve(entry, Amount(BILL))
    assert isinstance((await door.runner.check(CHEAP, replace(REQUEST, turn_id="t2"))).decision, Deny)
    await door.cashier.collect_all(timedelta(0))
    assert states(door) == ["returned"]
    assert billed(door) == []
    assert (await door.runner.check(CHEAP, replace(REQUEST, turn_id="t3"))).decision == Allow()


async def test_a_stopped_turn_gets_back_what_was_held(door: Door) -> None:
    door.warehouse.hold()
    running = asyncio.create_task(door.runner.run(CHEAP, REQUEST), name="run")
    await door.warehouse.inserted.wait()
    running.cancel()
    await asyncio.wait([running])
    await door.runner.stop(REQUEST.turn_id)
    assert states(door) == ["settled"]
    assert billed(door) == [("stopped", 0)]


async def decided(door: Door):
    await door.runner.check(CHEAP, REQUEST)
    return door.books.audit.of_kind("decision")


async def test_a_decision_is_written_once_with_its_reasons_and_without_personal_data(door: Door) -> None:
    request = replace(REQUEST, question="How much did ana@example.com buy?", prompts={"sql_generate": "abc"})
    for _ in range(3):
        await door.runner.check(DEAR, request)
    (entry,) = door.books.audit.of_kind("decision")
    assert entry.decision is DecisionWord.APPROVAL_REQUIRED
    assert [reason.code for reason in entry.reasons] == ["approval.cost"]
    assert entry.question == "How much did <EMAIL_1> buy?"
    assert (entry.policy_version, entry.model, dict(entry.prompts)) == ("policy-1", "model-1", {"sql_generate": "abc"})


async def test_a_refusal_at_the_door_is_a_decision_of_its_own(door: Door) -> None:
    door.gate.says(CHEAP, "deny", "deny.table")
    for _ in range(2):
        with pytest.raises(QueryRefused):
            await door.runner.run(CHEAP, REQUEST)
    (entry,) = door.books.audit.of_kind("decision")
    assert (entry.decision, entry.bytes_billed) == (DecisionWord.BLOCKED, None)
