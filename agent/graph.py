"""The shape of the agent, and nothing else."""

from contextlib import nullcontext
from typing import TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.context import Context
from agent.nodes.chat_reply import chat_reply
from agent.nodes.classify_relevance import classify_relevance
from agent.nodes.compose_response import compose_response
from agent.nodes.execute_sql import execute_sql
from agent.nodes.ingest import ingest
from agent.nodes.plan_turn_action import plan_turn_action
from agent.nodes.policy_gate import policy_gate
from agent.nodes.reset_turn_state import reset_turn_state
from agent.nodes.schema_lookup import schema_lookup
from agent.nodes.sql_generate import sql_generate
from agent.nodes.sql_validate_explain import sql_validate_explain
from agent.nodes.validate_candidate_sql import validate_candidate_sql
from agent.routes import after_gate, after_plan, after_relevance
from agent.state import State
from agent.watched_node import AroundNode, Node, watched

AnalystGraph: TypeAlias = CompiledStateGraph[State, Context, State, State]


def build_graph(
    checkpointer: BaseCheckpointSaver[str] | None = None, *, around_node: AroundNode = lambda name: nullcontext()
) -> AnalystGraph:
    """The twelve nodes, compiled. Without a *checkpointer* it is a mould: copy it with one per worker."""
    graph = StateGraph(State, context_schema=Context)

    def add_node(name: str, node: Node) -> None:
        graph.add_node(name, watched(name, node, around_node))

    add_node("reset_turn_state", reset_turn_state)
    add_node("classify_relevance", classify_relevance)
    add_node("ingest", ingest)
    add_node("plan_turn_action", plan_turn_action)
    add_node("chat_reply", chat_reply)
    add_node("schema_lookup", schema_lookup)
    add_node("sql_validate_explain", sql_validate_explain)
    add_node("sql_generate", sql_generate)
    add_node("validate_candidate_sql", validate_candidate_sql)
    add_node("policy_gate", policy_gate)
    add_node("execute_sql", execute_sql)
    add_node("compose_response", compose_response)

    graph.add_edge(START, "reset_turn_state")
    graph.add_edge("reset_turn_state", "classify_relevance")
    graph.add_conditional_edges("classify_relevance", after_relevance)
    graph.add_edge("ingest", "plan_turn_action")
    graph.add_conditional_edges("plan_turn_action", after_plan)
    graph.add_edge("chat_reply", "compose_response")
    graph.add_edge("schema_lookup", "compose_response")
    graph.add_edge("sql_validate_explain", "compose_response")
    graph.add_edge("sql_generate", "validate_candidate_sql")
    graph.add_edge("validate_candidate_sql", "policy_gate")
    graph.add_conditional_edges("policy_gate", after_gate)
    graph.add_edge("execute_sql", "compose_response")
    graph.add_edge("compose_response", END)
    return graph.compile(checkpointer=checkpointer)
