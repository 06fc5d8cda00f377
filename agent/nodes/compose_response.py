"""The answer, put together from the sheet without another model call: every number in it comes from the result."""

import json

from langgraph.runtime import Runtime

from agent.answer_codec import answer_to_plain
from agent.ask_approval import card_from_plain, twins_from_plain, waiting_from_plain
from agent.asked_form import form_named_in
from agent.backed_words import backed_words
from agent.context import Context
from agent.history import ROWS_PER_ANSWER, cut, remember
from agent.open_question import choice_from_plain, choice_to_plain, numbered
from agent.outcome_work import table_from_plain
from agent.reading import reading
from agent.state import Last, Message, OpenQuestion, OutcomeWork, PlainNotice, State, Update, Work
from agent.turn import Action, Answer, Bill, DecisionWord, Route, StartOver
from agent.two_readers import for_the_room
from agent.worksheet import jot, notice_from_plain, usage_from_plain

_FIRST_ROW_CHARS = 300


async def compose_response(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    warned = jot(state, context, notices=await context.services.till.warnings(context.turn.id))
    state = {**state, **warned}
    answer = for_the_room(_answer(state["work"], context), state["work"], await context.own_catalog.kept_from_room())
    update = jot(state, context, {"answer": answer_to_plain(answer)})
    if isinstance(context.turn.preset, StartOver):
        return update  # nothing of this turn is remembered either
    said = Message(id=f"{context.turn.id}:bot", role="bot", user="", text=_remembered(answer, state["work"]))
    update["messages"] = remember(state.get("messages", []), [said])
    update["last"] = _last(answer, state)
    update["open_question"] = _asked_back(state["work"])
    return update


def _answer(work: Work, context: Context) -> Answer:
    check, outcome, route = work.get("check"), work.get("outcome"), work.get("route")
    decision = work.get("decision")
    assert route is not None, "plan_turn_action always leaves a route"
    estimated = check["bytes_estimated"] if check else None
    cost = check["cost_usd"] if check else None
    table = table_from_plain(outcome) if outcome else None
    words = backed_words(work, context, table)
    return Answer(
        turn_id=context.turn.id,
        language=context.language,
        route=Route(Action(route["action"]), route["confidence"], route["reason"], route["fallback_used"]),
        text=words.text,
        notices=tuple(map(notice_from_plain, [*work.get("notices", []), *_told_with(outcome)])),
        sql=work.get("candidate_sql") or work.get("shown_sql"),
        decision=DecisionWord(decision) if decision else None,
        table=table,
        tables_read=tuple(outcome["tables_read"] if outcome else check["tables"] if check else ()),
        bill=Bill(outcome["bytes_estimated"], outcome["bytes_billed"], outcome["cost_usd"])
        if outcome
        else Bill(bytes_estimated=estimated, cost_usd=cost),
        usage=usage_from_plain(work.get("usage")),
        approval_id=work.get("approval_id"),
        card=card_from_plain(work),
        twins=twins_from_plain(work),
        waiting=waiting_from_plain(work),
        result_id=outcome["result_id"] if outcome else None,
        job_id=outcome.get("job_id") if outcome else None,
        ran_at=outcome.get("ran_at") if outcome else None,
        shown_as=form_named_in(context.turn.text) if outcome else None,
        assumptions=words.assumptions,
        next_questions=words.next_questions,
        choices=tuple(map(choice_from_plain, work.get("choices", []))),
        error=work.get("error"),
    )


def _told_with(outcome: OutcomeWork | None) -> list[PlainNotice]:
    return outcome.get("notices", []) if outcome else []


def _asked_back(work: Work) -> OpenQuestion | None:
    """What stays open until the next message: a choice, or at least that something was asked."""
    question = work.get("text") if work.get("clarifying_question") else None
    return OpenQuestion(text=question, choices=work.get("choices", [])) if question else None


def _remembered(answer: Answer, work: Work) -> str:
    """What later prompts need to know of this answer: a line of words, the SQL, one row."""
    parts = [answer.text or ", ".join(notice.code for notice in answer.notices)]
    parts.extend(numbered([choice_to_plain(choice) for choice in answer.choices]))
    if answer.sql and answer.decision != DecisionWord.BLOCKED:
        parts.append(f"SQL: {answer.sql}")
    outcome = work.get("outcome")
    if answer.table and answer.table.rows and not (outcome and outcome.get("holds_tagged")):
        names = [column.name for column in answer.table.columns]
        for values in answer.table.rows[:ROWS_PER_ANSWER]:
            row = json.dumps(dict(zip(names, values, strict=False)), ensure_ascii=False, default=str)
            parts.append(f"First of {answer.table.total_rows} rows: {cut(row, _FIRST_ROW_CHARS)}")
    return "\n".join(part for part in parts if part)


def _last(answer: Answer, state: State) -> Last:
    """ "Run it" and "why?" mean the last SQL that was shown; what policy refused is not brought up again."""
    if not answer.sql or answer.decision == DecisionWord.BLOCKED:
        return state.get("last", {})
    before = state.get("last", {})
    if answer.result_id is None and before.get("sql") == answer.sql:  # explained or priced: its result is still there
        return {**before, "is_valid": answer.error is None}
    title = answer.text if answer.table and answer.text else ""
    return Last(sql=answer.sql, result_id=answer.result_id, is_valid=answer.error is None, title=title)
