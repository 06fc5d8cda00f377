"""Which of the seven actions the turn is: a button says it itself, else the model does, and nobody guesses."""

from typing import Annotated, Generic, Literal, TypeAlias, TypeVar, cast

import structlog
from langgraph.runtime import Runtime
from pydantic import Field, model_validator

from agent.context import Context
from agent.decide_approval import implied_approvals
from agent.errors import ModelError, ModelUnparsable
from agent.history import PROMPT_CHARS
from agent.llm.model import Prompt, Shape
from agent.llm.prompts import PromptFile, fenced
from agent.notice import Notice
from agent.open_question import choice_named, choice_pressed, open_question, shown_to_router
from agent.recall import recalled
from agent.sql.blocks import sql_in
from agent.sql.generate import MAX_QUESTION_CHARS
from agent.state import OpenQuestion, PlainChoice, RouteWork, State, Update, Work
from agent.suggest import same_words
from agent.turn import Action, Approve, Cancel, CarryOut, Preset, RunSql, StartOver, Step
from agent.worksheet import jot, jot_failure

log = structlog.get_logger(__name__)

_PROMPT = PromptFile.read("plan_turn_action", max_tokens=200)


_WithoutPending: TypeAlias = Literal[
    Action.CHAT_REPLY, Action.SCHEMA_LOOKUP, Action.SQL_GENERATE, Action.SQL_VALIDATE_EXPLAIN, Action.SQL_EXECUTE
]
"""Nothing waits for a yes or a no, so neither can be meant."""
_WithoutSql: TypeAlias = Literal[Action.CHAT_REPLY, Action.SCHEMA_LOOKUP, Action.SQL_GENERATE]
"""There is no SQL either, neither in the message nor in the conversation."""
ActionT = TypeVar("ActionT", bound=Action)


class PlannedAction(Shape, Generic[ActionT]):
    """The router's contract, over the actions that the state of the conversation leaves open."""

    changes_data: bool
    """Asks to write. First, so that it is judged before an action colours it: a small model that is asked to drop a
    table routes it to a query all the same, and writes some read for it."""
    action: ActionT
    confidence: Annotated[float, Field(ge=0, le=1)]
    reason: Annotated[str, Field(max_length=60)]
    clarifying_question: Annotated[str, Field(max_length=240)] | None


class Choosing(Shape):
    """Asked for while a question back is open."""

    choice: Annotated[int, Field(ge=0, le=4)]
    """The number of the choice that the message picks; 0 for none."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_none(cls, raw: object) -> object:
        return {"choice": 0, **cast(dict[str, object], raw)} if isinstance(raw, dict) else raw


class PlannedChoice(PlannedAction[ActionT], Choosing, Generic[ActionT]):
    """The contract, with the choice before the action, which follows from it."""


AnyPlan: TypeAlias = PlannedAction[Action] | PlannedAction[_WithoutPending] | PlannedAction[_WithoutSql]


async def plan_turn_action(state: State, runtime: Runtime[Context]) -> Update:
    context = runtime.context
    turn = context.turn
    if turn.preset is not None:
        route = _certain(_preset_action(turn.preset), f"preset:{turn.preset.kind}")
        return jot(state, context, {"route": route, "title": _preset_title(turn.preset)})
    if not turn.text.strip():
        route = _certain(Action.CHAT_REPLY, "empty_message")
        return jot(state, context, {"route": route}, [Notice("help.ask_me")])
    if not context.services.options.intent_llm_enabled:
        return jot(state, context, {"route": _certain(Action.CHAT_REPLY, "intent_llm_disabled")})
    if pressed := choice_pressed(open_question(state), turn.text):
        return jot(state, context, _chosen(pressed, _certain(Action.SQL_GENERATE, "choice_pressed")))
    await context.show(Step.UNDERSTAND, "running")
    update = await _ask_router(state, context)
    await context.show(Step.UNDERSTAND, "done")
    return update


async def _ask_router(state: State, context: Context) -> Update:
    try:
        prompt, shape = await _prompt(state, context)
        planned = await context.ask(prompt, shape)
    except ModelUnparsable as error:  # the endpoint works: the chat road may still find words
        return jot(state, context, {"route": _fallback(error)})
    except ModelError as error:
        return jot_failure(state, context, error, {"route": _fallback(error), "is_model_down": True})
    question = _doubt(planned, open_question(state), context.turn.text)
    work = _judge(planned, context.services.options.intent_confidence_threshold, open_question(state), question)
    return jot(state, context, work, [Notice("sql.never_changes")] if work.get("is_refused") else [])


def _doubt(planned: AnyPlan, asked: OpenQuestion | None, message: str) -> str | None:
    """The question back. None for whoever was *asked* just now, and where a small model says the message over again."""
    question = planned.clarifying_question or ""
    is_new = same_words(question) not in ("", same_words(message))
    return question if is_new and asked is None else None


def _judge(planned: AnyPlan, threshold: float, asked: OpenQuestion | None, question: str | None) -> Work:
    """Below *threshold*, with a *question* back, or asked to write, the turn takes the chat road and runs nothing.

    A choice of what was *asked* is taken up; in any other doubt the action stands.
    """
    is_sure = planned.confidence >= threshold
    if planned.changes_data and planned.action is Action.SQL_GENERATE:
        return {"route": _planned(planned, Action.CHAT_REPLY), "is_refused": True}
    number = planned.choice if isinstance(planned, Choosing) else 0
    if is_sure and (choice := choice_named(asked, number)):
        return _chosen(choice, _planned(planned, Action.SQL_GENERATE))
    action = planned.action if is_sure and not question else Action.CHAT_REPLY
    return {"route": _planned(planned, action), "is_unsure": not is_sure, "clarifying_question": question}


def _planned(planned: AnyPlan, action: Action) -> RouteWork:
    return RouteWork(action=action.value, confidence=planned.confidence, reason=planned.reason, fallback_used=False)


def _chosen(choice: PlainChoice, route: RouteWork) -> Work:
    """The turn goes on with the question that the choice stands for."""
    return {"route": route, "question": choice["text"]}


async def _prompt(state: State, context: Context) -> tuple[Prompt, type[AnyPlan]]:
    """The call, and the actions that the state of the conversation leaves open."""
    turn = context.turn
    last = state.get("last", {})
    history = recalled(state, context)
    pending = await implied_approvals(state, context)
    previous = "none" if not last.get("sql") else "valid" if last.get("is_valid") else "invalid"
    block = sql_in(turn.text)
    asked = open_question(state)
    has_sql = block is not None or previous != "none"
    prompt = _PROMPT.fill(
        history=fenced("conversation", history, limit=PROMPT_CHARS) if history else "",
        open_question=shown_to_router(asked),
        pending="yes" if pending else "no",
        previous=previous,
        block="yes" if block else "no",
        message=fenced("message", turn.text, limit=MAX_QUESTION_CHARS),
    )
    has_choices = asked is not None and bool(asked["choices"])
    if pending:
        return prompt, PlannedChoice[Action] if has_choices else PlannedAction[Action]
    if has_sql:
        return prompt, PlannedChoice[_WithoutPending] if has_choices else PlannedAction[_WithoutPending]
    return prompt, PlannedChoice[_WithoutSql] if has_choices else PlannedAction[_WithoutSql]


def _preset_action(preset: Preset) -> Action:
    match preset:
        case Approve():
            return Action.EXECUTION_APPROVE
        case Cancel():
            return Action.EXECUTION_CANCEL
        case CarryOut(approved=approved):
            return Action.EXECUTION_APPROVE if approved else Action.EXECUTION_CANCEL
        case RunSql():
            return Action.SQL_EXECUTE
        case StartOver():
            return Action.CHAT_REPLY


def _preset_title(preset: Preset) -> str | None:
    return preset.title or None if isinstance(preset, RunSql) else None


def _certain(action: Action, reason: str) -> RouteWork:
    return RouteWork(action=action.value, confidence=1.0, reason=reason, fallback_used=False)


def _fallback(error: ModelError) -> RouteWork:
    """The chat road, marked as the way out that it is: no words of the message are looked at."""
    log.warning("route.fallback_used", error=type(error).__name__)
    return RouteWork(action=Action.CHAT_REPLY.value, confidence=0.0, reason=type(error).__name__, fallback_used=True)
