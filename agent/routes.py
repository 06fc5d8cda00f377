"""Where a turn goes next: pure functions of the state."""

from typing import Literal, TypeAlias, assert_never

from agent.state import State
from agent.turn import Action, DecisionWord

AfterRelevance: TypeAlias = Literal["ingest", "__end__"]
AfterPlan: TypeAlias = Literal[
    "chat_reply", "schema_lookup", "sql_validate_explain", "sql_generate", "validate_candidate_sql", "policy_gate"
]
AfterGate: TypeAlias = Literal["execute_sql", "compose_response"]


def after_relevance(state: State) -> AfterRelevance:
    """Talk between people ends here and does not enter the conversation."""
    return "ingest" if state["work"].get("is_relevant") else "__end__"


def after_plan(state: State) -> AfterPlan:
    route = state["work"].get("route")
    assert route is not None, "plan_turn_action always leaves a route"
    action = Action(route["action"])
    match action:
        case Action.CHAT_REPLY:
            return "chat_reply"
        case Action.SCHEMA_LOOKUP:
            return "schema_lookup"
        case Action.SQL_VALIDATE_EXPLAIN:
            return "sql_validate_explain"
        case Action.SQL_GENERATE:
            return "sql_generate"
        case Action.SQL_EXECUTE:
            return "validate_candidate_sql"
        case Action.EXECUTION_APPROVE | Action.EXECUTION_CANCEL:
            return "policy_gate"
        case _:
            assert_never(action)


def after_gate(state: State) -> AfterGate:
    """Only the gate's own word opens the way, and only with a statement in hand."""
    work = state["work"]
    can_execute = work.get("decision") == DecisionWord.AUTO_EXECUTE and bool(work.get("candidate_sql"))
    return "execute_sql" if can_execute else "compose_response"
