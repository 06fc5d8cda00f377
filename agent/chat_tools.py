"""The data actions the chat road may plan: look at tables, price SQL, and run it only where the setting says so."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

from agent.check_work import check_to_plain
from agent.context import Context
from agent.errors import AccessDenied, BytesBilledExceeded, InvalidQuery, JobTimedOut
from agent.outcome_work import outcome_to_plain
from agent.policy.decision import Allow, decision_word
from agent.state import Work
from agent.turn import DecisionWord, Step

Tool: TypeAlias = Literal["describe_tables", "check_sql", "run_sql"]

_WHAT = {
    "describe_tables": '"describe_tables" (shows the tables)',
    "check_sql": '"check_sql" (validates and prices the query in sql)',
    "run_sql": '"run_sql" (runs the read-only query in sql)',
}


@dataclass(frozen=True, slots=True)
class Observation:
    """What the model reads about its action, and what the turn keeps of it."""

    text: str
    work: Work = field(default_factory=Work)


def offered(context: Context, *, is_conservative: bool) -> tuple[Tool, ...]:
    """The tools of this turn. The conservative road has none."""
    if is_conservative:
        return ()
    may_run = context.services.options.chat_allow_execute_in_chat
    return ("describe_tables", "check_sql", "run_sql") if may_run else ("describe_tables", "check_sql")


def described(tools: tuple[Tool, ...]) -> str:
    return ", ".join(_WHAT[tool] for tool in tools) or "(no tool is available in this turn)"


async def use_tool(tool: Tool, sql: str, context: Context) -> Observation:
    """Take the action. Errors that rewording may mend come back as words; others are raised."""
    match tool:
        case "describe_tables":
            await context.show(Step.READ_SCHEMA, "done")
            return Observation(await context.schema())
        case "check_sql" | "run_sql":
            if not sql.strip():
                return Observation("sql was empty")
            try:
                return await _query(sql, context, runs=tool == "run_sql")
            except (InvalidQuery, AccessDenied, BytesBilledExceeded, JobTimedOut) as error:
                return Observation(f"error: {error.detail}")
        case _:
            assert_never(tool)


async def _query(sql: str, context: Context, *, runs: bool) -> Observation:
    runner = context.services.runner
    check = await runner.check(sql, context.query_request)
    await context.show(Step.PRICE, "done")
    work: Work = {"shown_sql": sql, "check": check_to_plain(check)}
    word = decision_word(check.decision)
    if not runs or not isinstance(check.decision, Allow):
        codes = ", ".join(reason.code for reason in check.reasons)
        return Observation(f"{word}; bytes: {check.bytes_estimated}; {codes}", work)
    await context.show(Step.RUN, "running")
    outcome = await runner.run(sql, context.query_request)
    await context.show(Step.RUN, "done")
    ran = outcome_to_plain(outcome)
    work = {**work, "outcome": ran, "decision": DecisionWord.AUTO_EXECUTE.value}
    return Observation(f"it ran: {outcome.table.total_rows} rows, shown to the person as a table", work)
