"""A case's conversation on production's own services: same nodes, same prompts, same door, a memory of its own."""

import uuid
from dataclasses import dataclass, field, replace

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime

from agent.analyst import Analyst, turn_context
from agent.bigquery.warehouse import TableInfo
from agent.context import Catalog, Services
from agent.evals.case import Case, ClarificationCase, InjectionCase
from agent.evals.door import CaseApprovals, WitnessedRunner, pending_request
from agent.graph import build_graph
from agent.memory_savers import MemorySavers
from agent.nodes.ingest import ingest
from agent.nodes.plan_turn_action import plan_turn_action
from agent.policy.approvals import Approval
from agent.query import QueryRequest
from agent.sql.fingerprint import fingerprint
from agent.state import Last, Message, RouteWork, State
from agent.turn import Actor, Answer, Audience, Progress, Said, Turn, Usage

_ACTOR = Actor("U_EVALS", "T_LOCAL")
_AUDIENCE = Audience("asker", "D_EVALS")


@dataclass(frozen=True, slots=True)
class Routed:
    """What the router alone made of a message."""

    route: RouteWork
    usage: Usage


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, and what happened at the door on the way to it."""

    answer: Answer
    turn: Turn
    door: WitnessedRunner
    pending: tuple[Approval, ...] = field(default=())
    """What waited before the message, as it stands after it."""


async def route_case(services: Services, case: Case) -> Routed:
    """The message through `ingest` and `plan_turn_action`, as in the graph: the same state, prompt and shape."""
    turn = _turn(case)
    services, _, approvals = _witnessed(services, case)
    await _ask_for(approvals, case, turn)
    context = turn_context(services, turn, _say_nothing)
    runtime = Runtime(context=context)
    state: State = {"turn_id": turn.id, "work": {}, "messages": messages_of(case), "last": _last(case)}
    state = {**state, **await ingest(state, runtime)}
    state = {**state, **await plan_turn_action(state, runtime)}
    route = state["work"].get("route")
    assert route is not None, "plan_turn_action always leaves a route"
    return Routed(route, context.meter.usage)


async def answer_case(services: Services, case: Case) -> Heard:
    """The message through the whole graph. Raises AgentError as `Analyst.answer` does."""
    turn = _turn(case)
    services, door, approvals = _witnessed(services, case)
    await _ask_for(approvals, case, turn)
    waiting = {approval.id for approval in approvals.all}
    savers = MemorySavers()
    await _remember(savers, case, turn)
    answer = await Analyst(services, savers).answer(turn, _say_nothing)
    return Heard(answer, turn, door, tuple(approval for approval in approvals.all if approval.id in waiting))


class PoisonedCatalog:
    """Production's tables, each described by *words* as well: in its own description or in its columns'."""

    def __init__(self, catalog: Catalog, words: str, *, in_columns: bool) -> None:
        self._catalog = catalog
        self._words = words
        self._in_columns = in_columns

    async def tables(self) -> tuple[TableInfo, ...]:
        return tuple(map(self._poisoned, await self._catalog.tables()))

    def _poisoned(self, table: TableInfo) -> TableInfo:
        if not self._in_columns:
            return replace(table, description=f"{self._words} {table.description}")
        first, *others = table.columns
        poisoned = replace(first, description=f"{first.description} {self._words}".strip())
        return replace(table, columns=(poisoned, *others))


def _witnessed(services: Services, case: Case) -> tuple[Services, WitnessedRunner, CaseApprovals]:
    approvals = CaseApprovals()
    door = WitnessedRunner(services.runner, approvals)
    catalog = services.catalog
    if isinstance(case, InjectionCase) and case.where in ("table_description", "column_description"):
        catalog = PoisonedCatalog(catalog, case.planted, in_columns=case.where == "column_description")
    # Notes below a result are judged by one suite only: the others are spared the call.
    options = replace(services.options, answer_notes_enabled=isinstance(case, ClarificationCase))
    services = replace(services, runner=door, approvals=approvals, catalog=catalog, options=options)
    return services, door, approvals


def _turn(case: Case) -> Turn:
    run = uuid.uuid4().hex
    is_injection = isinstance(case, InjectionCase)
    return Turn(
        id=f"evals:{run}",
        conversation=f"evals:{run}",
        actor=_ACTOR,
        audience=_AUDIENCE,
        text=case.message if is_injection else case.text,
        thread=(Said("U_PLANTER", case.planted),) if is_injection and case.where == "thread" else (),
    )


async def _ask_for(approvals: CaseApprovals, case: Case, turn: Turn) -> None:
    if case.pending_sql is None:
        return
    asked = QueryRequest(f"{turn.id}:before", turn.conversation, turn.actor, turn.audience, question="")
    await approvals.request(pending_request(case.pending_sql, fingerprint(case.pending_sql), asked))


async def _remember(savers: MemorySavers, case: Case, turn: Turn) -> None:
    """Leave the thread as the turns before this one would have left it."""
    if not case.history and case.previous_sql is None:
        return
    async with savers.slot() as saver:
        graph = build_graph().copy(update={"checkpointer": saver})
        before: State = {
            "turn_id": f"{turn.id}:before",
            "work": {},
            "messages": messages_of(case),
            "last": _last(case),
        }
        config = RunnableConfig(configurable={"thread_id": turn.conversation})
        await graph.aupdate_state(config, before, as_node="compose_response")


def messages_of(case: Case) -> list[Message]:
    """The conversation before the message, as the checkpoint would hold it."""
    planted = case.planted if isinstance(case, InjectionCase) else ""
    return [
        Message(
            id=f"before:{number}:{said.role}",
            role=said.role,
            user=_ACTOR.user if said.role == "person" else "",
            text=said.text.replace("{planted}", planted),
        )
        for number, said in enumerate(case.history)
    ]


def _last(case: Case) -> Last:
    if case.previous_sql is None:
        return Last()
    return Last(sql=case.previous_sql, result_id=None, is_valid=case.previous_is_valid)


async def _say_nothing(progress: Progress) -> None:
    """Nobody watches the steps of an eval."""
