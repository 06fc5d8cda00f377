"""The agent's own settings, as values: `bot.settings` reads them from the environment under the same names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgentOptions:
    default_project: str
    """Tables of this project are written without it."""
    intent_llm_enabled: bool = True
    """BIGQUERY_INTENT_LLM_ENABLED. False: every turn takes the free-chat road and its planner."""
    intent_confidence_threshold: float = 0.55
    """BIGQUERY_INTENT_CONFIDENCE_THRESHOLD. Below it: the conservative chat road, without tools."""
    chat_planner_max_actions: int = 2
    """BIGQUERY_CHAT_PLANNER_MAX_ACTIONS: data actions the chat road may take in a turn."""
    chat_allow_execute_in_chat: bool = False
    """BIGQUERY_CHAT_ALLOW_EXECUTE_IN_CHAT: whether one of them may run a query."""
    sql_workflow_graph_enabled: bool = True
    """BIGQUERY_SQL_WORKFLOW_GRAPH_ENABLED. False: one draft, no dry-run and refine loop."""
    answer_notes_enabled: bool = True
    """ANSWER_NOTES_ENABLED. Whether an answer says how it was read and what to ask next, for one short model call."""
    sql_max_tries: int = 3
    """BIGQUERY_SQL_MAX_TRIES: drafts in all, the first among them."""
    turn_max_tokens: int = 60_000
    """TURN_MAX_TOKENS. What one turn may spend on model calls, prompts and replies together."""
    turn_max_seconds: float = 300.0
    """TURN_MAX_SECONDS. After so long a turn asks no model any more; after a crash it begins anew."""
    conversation_max_tokens: int = 2000
    """CONVERSATION_MAX_TOKENS. What a thread remembers word for word; older messages are folded into a summary."""
    schema_budget_chars: int = 9000
    """Schema shown to the model; beyond it the likeliest tables are chosen."""
