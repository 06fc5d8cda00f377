"""Words without figures. A planner inside may look at tables or price SQL; only a setting lets it run something."""

from typing import Annotated, Literal

from langgraph.runtime import Runtime
from pydantic import Field

from agent.chat_tools import Tool, described, offered, use_tool
from agent.clarify import clarify
from agent.context import Context
from agent.errors import AgentError, ModelError
from agent.history import PROMPT_CHARS
from agent.llm.model import Prompt, Shape
from agent.llm.prompts import PromptFile, fenced
from agent.notice import Notice
from agent.open_question import open_question
from agent.reading import reading
from agent.recall import recalled
from agent.sql.generate import MAX_QUESTION_CHARS
from agent.state import State, Update, Work
from agent.suggest import same_words
from agent.turn import StartOver
from agent.worksheet import jot, jot_failure

_PROMPT = PromptFile.read("chat_reply", max_tokens=300)


class ChatPlan(Shape):
    """What to say; with a tool, what to look at before saying it."""

    reply: Annotated[str, Field(max_length=400)]
    tool: Literal["none", "describe_tables", "check_sql", "run_sql"]
    sql: Annotated[str, Field(max_length=4000)]


async def chat_reply(state: State, runtime: Runtime[Context]) -> Update:
    context = reading(state, runtime.context)
    work = state["work"]
    is_told = isinstance(context.turn.preset, StartOver) or work.get("is_model_down") or work.get("is_refused")
    if is_told or not context.turn.text.strip():
        return jot(state, context)  # the notice says it all
    if doubt := work.get("clarifying_question"):
        return jot(state, context, await clarify(state, context, doubt))
    route = work.get("route")
    assert route is not None, "plan_turn_action always leaves a route"
    tools = offered(context, is_conservative=bool(work.get("is_unsure")) or route["fallback_used"])
    try:
        return await _talk(state, context, tools)
    except AgentError as error:
        return jot_failure(state, context, error)


async def _talk(state: State, context: Context, tools: tuple[Tool, ...]) -> Update:
    """Ask, take the action asked for, ask again; after the last allowed action its reply stands."""
    work: Work = {}
    observations: list[str] = []
    for _ in range(context.services.options.chat_planner_max_actions + 1):
        try:
            plan = await context.ask(_prompt(state, context, tools, observations), ChatPlan)
        except ModelError as error:  # what was looked at, priced or run before is kept
            return jot_failure(state, context, error, work)
        work = {**work, "text": plan.reply}
        if plan.tool == "none" or plan.tool not in tools:
            break
        if len(observations) == context.services.options.chat_planner_max_actions:
            break
        observation = await use_tool(plan.tool, plan.sql, context)
        observations.append(f"{plan.tool}: {observation.text}")
        work = {**work, **observation.work}
    if _asks_again(work, state):
        return jot(state, context, {**work, "text": None}, [Notice("clarify.still_unclear")])
    return jot(state, context, work)


def _asks_again(work: Work, state: State) -> bool:
    """Whether the reply is the very question that was asked before: a weak model has nothing better to say."""
    asked = open_question(state)
    return asked is not None and same_words(work.get("text") or "") == same_words(asked["text"])


def _prompt(state: State, context: Context, tools: tuple[Tool, ...], observations: list[str]) -> Prompt:
    history = recalled(state, context)
    return _PROMPT.fill(
        system={"tools": described(tools)},
        history=fenced("conversation", history, limit=PROMPT_CHARS) if history else "",
        observations=fenced("observations", "\n".join(observations), limit=6000) if observations else "",
        message=fenced("message", context.turn.text, limit=MAX_QUESTION_CHARS),
        language=context.language_name,
    )
