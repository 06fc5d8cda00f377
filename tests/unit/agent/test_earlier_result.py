"""Which earlier result may be shown again, and which rows of it a model is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from langgraph.runtime import Runtime

from agent.analyst import turn_context
from agent.context import Context
from agent.earlier_result import earlier_result, rows_for_model, shown_again
from agent.nodes.sql_validate_explain import sql_validate_explain
from agent.query_values import Check, QueryRequest
from agent.results import StoredResult
from agent.state import State
from agent.turn import Actor, Audience, Bill, Column, Progress, Table, Turn
from tests.fakes.results import FakeResults
from tests.fakes.runner import FakeRunner
from tests.unit.agent.desk import Desk

SQL = "SELECT country, email FROM shop.users"
TABLE = Table((Column("country", "STRING"), Column("email", "STRING")), (("Japan", "a@b.c"),) * 30, 30)
TURN = Turn("t2", "T:C:1", Actor("U1", "T"), Audience("channel", "C"), "as bars")
NOW = datetime(2026, 1, 15, tzinfo=UTC)


async def unseen(progress: Progress) -> None:
    """Nobody follows."""


def stored(**changes: object) -> StoredResult:
    result = StoredResult(
        turn_id="t1", conversation="T:C:1", sql=SQL, fingerprint="f", table=TABLE, bill=Bill(1, 2, 3.0),
        tables_read=("p.shop.users",), job_id="j", expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    return replace(result, **changes)  # type: ignore[arg-type]


async def remembered(result: StoredResult, sql: str = SQL, desk: Desk | None = None) -> tuple[State, Context]:
    results = FakeResults(now=lambda: NOW)
    result_id = await results.keep(result)
    services = replace((desk or Desk()).services(), results=results)
    state = State(turn_id="t2", work={}, last={"sql": sql, "result_id": result_id, "is_valid": True})
    return state, turn_context(services, TURN, unseen)


async def test_the_conversations_own_last_result_is_there():
    assert await earlier_result(*await remembered(stored())) == stored()


async def test_what_expired_was_masked_or_is_another_ones_is_not():
    for other in (
        stored(expires_at=NOW),
        stored(masked_columns=("email",)),
        stored(conversation="T:C:2"),
    ):
        assert await earlier_result(*await remembered(other)) is None
    assert await earlier_result(*await remembered(stored(), sql="SELECT 1")) is None


async def test_shown_again_it_costs_nothing():
    outcome = shown_again(stored(), "r7", holds_tagged=True)
    assert (outcome["bytes_billed"], outcome["cost_usd"], outcome["result_id"]) == (0, 0.0, "r7")
    assert (outcome["table"]["total_rows"], outcome.get("holds_tagged")) == (30, True)


def test_a_model_is_told_twenty_rows():
    assert rows_for_model(stored()).count('{"country": "Japan", "email": "a@b.c"}') == 20


class TaggedRunner(FakeRunner):
    """Every statement reads a column that carries a tag."""

    async def check(self, sql: str, request: QueryRequest) -> Check:
        return replace(await super().check(sql, request), holds_tagged=True)


@pytest.mark.parametrize("runner", [FakeRunner, TaggedRunner])
async def test_of_a_result_with_a_tagged_column_no_row_is_told(runner: type[FakeRunner]):
    desk = Desk()
    desk.runner = runner(desk.approvals)
    desk.model.says("sql_validate_explain", {"reply": "They live there."})
    state, context = await remembered(stored(), desk=desk)
    await sql_validate_explain(state, Runtime(context=context))
    told = desk.model.asked("sql_validate_explain")[0].user
    assert ("30 rows" in told) == (runner is FakeRunner)
    assert ("Japan" in told) == (runner is FakeRunner)
