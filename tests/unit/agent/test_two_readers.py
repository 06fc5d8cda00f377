"""One turn, two readers: what the room, its memory and its model see, and what the asker alone does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.notice import Notice
from agent.policy.decision import Allow, NeedApproval
from agent.policy.policy_file import read_policy
from agent.query_values import Check, QueryOutcome, QueryRequest, RoomView
from agent.results import StoredResult
from agent.turn import Actor, Answer, Audience, Bill, CarryOut, Column, Member, RunSql, Table
from tests.fakes.runner import FakeRunner
from tests.unit.agent.desk import Desk, chat, drafted, routed

POLICY = read_policy(
    """
version: 1
tags: {personal: {columns: [email, passport]}}
grants:
  - {to: everyone, read: [shop], tags: {personal: mask}}
  - {to: dm, read: [shop], tags: {personal: show}}
  - {to: group:finance, read: [finance]}
""",
    "p",
)
TABLES = (
    TableInfo(
        "p.shop.users",
        (ColumnInfo("id", "INT64"), ColumnInfo("email", "STRING"), ColumnInfo("pin", "STRING", policy_tags=("t",))),
        "Users. Examples:\n-- By mail\nSELECT pin FROM shop.users\n-- How many\nSELECT COUNT(*) FROM shop.users",
    ),
    TableInfo("p.finance.margins", (ColumnInfo("secret_margin", "INT64"),), "Margins."),
    TableInfo("p.hr.salaries", (ColumnInfo("salary", "INT64"),)),
)
ANN, FIN = Member("U1", frozenset({"finance"})), Member("U2")
ROOM = Audience("channel", "C", members=(ANN, FIN), asker=ANN)
OUTSIDE = Audience("channel", "C", external=True, members=(ANN, Member("U9", is_external=True)), asker=ANN)
PRIVATE = "SELECT secret_margin FROM finance.margins"
MASKED = "SELECT email FROM shop.users"


class Catalog:
    async def tables(self) -> tuple[TableInfo, ...]:
        return TABLES


class TwoReaders(FakeRunner):
    """Says of PRIVATE that the room may not see it, of MASKED that it sees values hidden."""

    async def run(self, sql: str, request: QueryRequest, **_: Any) -> QueryOutcome:
        self.ran.append(sql)
        view = RoomView(is_withheld=True) if sql == PRIVATE else RoomView(masked=(0,))
        check = Check(Allow(), sql, "fp", ("p.x.y",), room=view, holds_tagged=sql == MASKED)
        column = Column("email", "STRING")
        shown = Table((column,), (("•••",),), 1) if sql == MASKED else Table((), (), 0)
        own = StoredResult(
            turn_id="t", conversation="c", sql=sql, fingerprint="fp", table=Table((column,), (("ann@x.example",),), 1),
            bill=Bill(), tables_read=("p.x.y",), job_id="j", expires_at=datetime.now(UTC) + timedelta(days=1),
            asker="U1",
        )  # fmt: skip
        self.fuller_results["own"] = own
        return QueryOutcome(check, shown, Bill(), "job", "result" if sql == MASKED else None, fuller_id="own")


def desk() -> Desk:
    opened = Desk()
    opened.catalog = Catalog()
    opened.runner = TwoReaders(opened.approvals, policy=POLICY)
    return opened


async def asked(at: Desk, sql: str, audience: Audience = ROOM) -> Answer:
    at.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted(sql, "Margins of ours"))
    return await at.ask("What are our margins?", audience=audience)


def prompts(at: Desk) -> str:
    return "\n".join(f"{prompt.system}\n{prompt.user}" for prompt in at.model.prompts)


async def test_what_the_room_may_not_see_is_told_to_the_asker_alone() -> None:
    at = desk()
    answer = await asked(at, PRIVATE)
    assert [notice.code for notice in answer.notices] == ["access.answered_privately"]
    assert (answer.table, answer.sql, answer.text, answer.result_id, answer.tables_read) == (None, None, None, None, ())
    assert answer.fuller is not None
    assert answer.fuller.table is not None
    assert answer.fuller.table.rows == (("ann@x.example",),)
    assert (answer.fuller.sql, answer.fuller.text, answer.fuller.result_id) == (PRIVATE, "Margins of ours", "own")


async def test_what_the_asker_alone_is_told_is_held_to_their_rows_too() -> None:
    at = desk()
    at.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted(PRIVATE, "9,999 margins"))
    answer = await at.ask("What are our margins?", audience=ROOM)
    assert answer.fuller is not None
    assert answer.fuller.text == "What are our margins?"


async def test_a_colleagues_yes_to_what_the_asker_sees_more_of_is_given_by_the_button() -> None:
    at = desk()
    at.runner.decisions[MASKED] = NeedApproval((Notice("approval.cost", {"cost_usd": 5.0, "limit_usd": 0.1}),))
    waiting = await at.ask("mails?", preset=RunSql(MASKED), audience=ROOM)
    at.model.says("plan_turn_action", routed("execution_approve"))
    answer = await at.ask("yes", actor=Actor("U2", "T"), audience=replace(ROOM, asker=FIN))
    assert [notice.code for notice in answer.notices] == ["approval.which"]
    assert ([one.approval_id for one in answer.waiting], at.runner.ran) == ([waiting.approval_id], [])
    await at.approvals.decide(waiting.approval_id or "", "U2", approve=True)
    carried_out = await at.ask("mails?", preset=CarryOut(waiting.approval_id or "", approved=True), audience=ROOM)
    assert carried_out.fuller is not None


async def test_neither_the_rooms_memory_nor_its_checkpoint_holds_what_is_the_askers() -> None:
    at = desk()
    await asked(at, PRIVATE)
    state = await at.state()
    assert "ann@x.example" not in str(state)
    assert "margin" not in str(state["messages"]).replace("our margins", "").lower()
    assert state.get("last", {}) == {}
    assert "margin" not in str(state["work"]["answer"]).lower()


async def test_the_same_turn_again_gives_both_versions_and_runs_nothing() -> None:
    at = desk()
    at.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted(PRIVATE))
    first = await at.ask("Margins?", id="t1", audience=ROOM)
    again = await at.ask("Margins?", id="t1", audience=ROOM)
    assert (first, at.runner.ran) == (again, [PRIVATE])


async def test_the_thread_shows_hidden_values_and_no_later_prompt_shows_any() -> None:
    at = desk()
    answer = await asked(at, MASKED)
    assert answer.table is not None
    assert answer.table.rows == (("•••",),)
    assert [notice.code for notice in answer.notices] == ["access.masked_here"]
    assert answer.fuller is not None
    at.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat())
    await at.ask("thanks", audience=ROOM)
    assert "ann@x.example" not in prompts(at)
    assert "First of" not in prompts(at)


async def test_sql_is_written_over_what_the_asker_may_read_and_words_over_what_the_room_may() -> None:
    at = desk()
    await asked(at, MASKED)
    written = prompts(at)
    assert "finance.margins" in written
    at = desk()
    at.model.says("plan_turn_action", routed("schema_lookup")).says("schema_lookup", {"reply": "ok", "sql": ""})
    await at.ask("Which tables are there?", audience=ROOM)
    told = prompts(at)
    assert "shop.users" in told
    for seen in (written, told):
        for hidden in ("salaries", "salary", "pin", "SELECT pin"):
            assert hidden not in seen, hidden
        assert "email STRING - Values are hidden" in told
    assert "margin" not in told.lower()


async def test_sql_that_came_to_nothing_names_nothing_of_the_askers_either() -> None:
    at = desk()
    at.model.says("plan_turn_action", routed("schema_lookup"))
    at.model.says("schema_lookup", {"reply": "Try `finance`.`margins`!", "sql": PRIVATE})
    answer = await at.ask("What is there?", audience=ROOM)
    assert (answer.text, answer.sql) == (None, None)
    assert [notice.code for notice in answer.notices] == ["access.ask_alone"]


async def test_where_outsiders_read_along_no_model_sees_a_table_and_a_sentence_says_why() -> None:
    for action in ("sql_generate", "schema_lookup"):
        at = desk()
        at.model.says("plan_turn_action", routed(action))
        answer = await at.ask("How many orders?", audience=OUTSIDE)
        assert [notice.code for notice in answer.notices] == ["deny.outsiders"]
        assert "users" not in prompts(at)
        assert at.runner.ran == []
