"""Is the message for us? What addresses us needs no model; talk in a thread that we joined is the model's to judge."""

import structlog
from langgraph.runtime import Runtime

from agent.context import Context
from agent.errors import ModelError
from agent.history import PROMPT_CHARS
from agent.llm.model import Shape
from agent.llm.prompts import PromptFile, fenced
from agent.recall import recalled
from agent.state import State, Update
from agent.turn import StartOver
from agent.worksheet import jot

log = structlog.get_logger(__name__)

_PROMPT = PromptFile.read("classify_relevance", max_tokens=20)


class Relevance(Shape):
    relevant: bool


async def classify_relevance(state: State, runtime: Runtime[Context]) -> Update:
    context = runtime.context
    turn = context.turn
    # "Start over" may be said among people, too; what a button asks for is said to nobody else.
    if turn.addressed or (turn.preset is not None and not isinstance(turn.preset, StartOver)):
        return jot(state, context, {"is_relevant": True})
    return jot(state, context, {"is_relevant": await _is_relevant(state, context)})


async def _is_relevant(state: State, context: Context) -> bool:
    prompt = _PROMPT.fill(
        history=fenced("conversation", recalled(state, context), limit=PROMPT_CHARS),
        message=fenced("message", context.turn.text, limit=1000),
    )
    try:
        return (await context.ask(prompt, Relevance)).relevant
    except ModelError as error:  # nobody called us: silence is the safe answer
        log.warning("relevance.unknown", error=type(error).__name__)
        return False
