"""The shape of the agent, and nothing else."""

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

AnalystGraph: TypeAlias = CompiledStateGraph[State, Context, State, State]


def build_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> AnalystGraph:
    """The twelve nodes, compiled. Without a *checkpointer* it is a mould: copy it with one per worker."""
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(reset_turn_state)
    graph.add_node(classify_relevance)
    graph.add_node(ingest)
    graph.add_node(plan_turn_action)
    graph.add_node(chat_reply)
    graph.add_node(schema_lookup)
    graph.add_node(sql_validate_explain)
    graph.add_node(sql_generate)
    graph.add_node(validate_candidate_sql)
    graph.add_node(policy_gate)
    graph.add_node(execute_sql)
    graph.add_node(compose_response)

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
