"""The one door into the agent: a turn goes in, a finished answer comes out, once, however often it is delivered."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, cast

import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.answer_codec import answer_from_plain
from agent.checked_once import CheckedOnce
from agent.context import Context, Services
from agent.cut_short import cut_short
from agent.fold_history import fold_history
from agent.graph import AnalystGraph, build_graph
from agent.language import language_for
from agent.llm.in_time import ModelInTime
from agent.llm.model import Meter
from agent.privacy.model import MaskedModel
from agent.state import State, Work
from agent.turn import Answer, OnProgress, Progress, Turn, Usage
from agent.turn_catalog import TurnCatalog
from agent.two_readers import with_fuller
from agent.watched_node import AroundNode
from agent.worksheet import usage_from_plain

log = structlog.get_logger(__name__)


class Savers(Protocol):
    """Where conversations are remembered."""

    def slot(self) -> AbstractAsyncContextManager[BaseCheckpointSaver[str]]:
        """A saver that nobody else uses meanwhile: the Postgres one takes a lock for every call."""
        ...


class Analyst:
    """Answers turns. One turn at a time per conversation: the inbox sees to that, a checkpoint could not."""

    def __init__(
        self, services: Services, savers: Savers, *, around_node: AroundNode = lambda name: nullcontext()
    ) -> None:
        self._services = services
        self._savers = savers
        self._mould = build_graph(around_node=around_node)
        self._drafts: dict[str, str] = {}
        """The newest SQL of each turn that goes on: a checkpoint hears of it when its node has ended."""

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        """The answer to *turn*; when it was answered before, the same answer again and nothing runs.

        A turn that a crash interrupted goes on at the node where it stopped. Raises AgentError only where trying the
        turn later may help (`is_transient`); everything else a person should read is in the answer.
        """
        async with self._savers.slot() as saver:
            graph, config = self._graph(saver, turn.conversation)
            work = await self._run(graph, config, turn, on_progress)
            await _prune(saver, turn.conversation)
        return await with_fuller(_answer(work, turn), work, turn, self._services.runner)

    async def tidy(self, turn: Turn) -> None:
        """Fold what the conversation has outgrown into its summary, once the answer to *turn* is out and nobody waits.

        Cheap while there is nothing to fold. Never raises: the turn is over, and the next one may tidy up as well.
        Call it while the turn still holds its conversation, as `answer`: a checkpoint has one writer.
        """
        context = turn_context(self._services, turn, _unwatched)
        budget = context.services.options.conversation_max_tokens
        try:
            async with self._savers.slot() as saver:
                graph, config = self._graph(saver, turn.conversation)
                snapshot = await graph.aget_state(config)
                if snapshot.next:  # interrupted, and not ours to touch: its next run goes on where it stopped
                    return
                folded = await fold_history(context.services.model, cast(State, snapshot.values), budget, context.meter)
                if folded is not None:
                    await graph.aupdate_state(config, cast(dict[str, Any], folded), as_node="compose_response")
                    await _prune(saver, turn.conversation)
        except Exception as error:  # the boundary of what may go wrong behind an answer that was given
            log.warning("history.not_tidied", turn=turn.id, error=type(error).__name__)

    def _graph(self, saver: BaseCheckpointSaver[str], conversation: str) -> tuple[AnalystGraph, RunnableConfig]:
        graph: AnalystGraph = self._mould.copy(update={"checkpointer": saver})
        return graph, RunnableConfig(configurable={"thread_id": conversation})

    async def stop(self, turn: Turn) -> Answer:
        """A person stopped *turn*, whose `answer` was cancelled: its job ends, and what there is of it is kept.

        The conversation remembers the question and the SQL so far; the answer shows it, once, however often it is
        asked for. A turn that was done all the same has the answer that it came to.
        """
        await self._services.runner.stop(turn.id)
        draft = self._drafts.pop(turn.id, None)
        async with self._savers.slot() as saver:
            graph, config = self._graph(saver, turn.conversation)
            snapshot = await graph.aget_state(config)
            kept = cast(State, snapshot.values) if snapshot.values else None
            if kept is not None and kept["turn_id"] == turn.id and not snapshot.next:
                return _answer(kept["work"], turn)
            stopped = cut_short(kept, turn, draft, kept_from_room=await self._catalog_of(turn).kept_from_room())
            await graph.aupdate_state(config, cast(dict[str, Any], stopped.update), as_node="compose_response")
            await _prune(saver, turn.conversation)
        return stopped.answer

    def _catalog_of(self, turn: Turn) -> TurnCatalog:
        return TurnCatalog(self._services.catalog, self._services.runner, turn)

    async def _run(self, graph: AnalystGraph, config: RunnableConfig, turn: Turn, on_progress: OnProgress) -> Work:
        snapshot = await graph.aget_state(config)
        is_ours = snapshot.values.get("turn_id") == turn.id
        if is_ours and not snapshot.next:
            log.info("turn.answered_before", turn=turn.id)
            return snapshot.values["work"]
        spent = usage_from_plain(snapshot.values["work"].get("usage")) if is_ours else None
        context = turn_context(self._services, turn, on_progress, spent)
        context = replace(context, keep_draft=partial(self._drafts.__setitem__, turn.id))
        # Another turn's leftovers are not resumed, whatever became of it: its id is in the state for this look.
        fresh: State | None = None if is_ours else State(turn_id=turn.id, work={})
        if is_ours:
            log.info("turn.resumed", turn=turn.id, at=snapshot.next)
        ended: dict[str, Any] = await graph.ainvoke(fresh, config, context=context, durability="sync")
        self._drafts.pop(turn.id, None)
        return ended["work"]


async def _unwatched(progress: Progress) -> None:
    """Nobody watches what follows an answer."""


def turn_context(services: Services, turn: Turn, on_progress: OnProgress, spent: Usage | None = None) -> Context:
    """What the nodes of one turn are handed. Its model hides people's data: no node can ask another one."""
    paid = services.till.paying(services.model, turn)
    in_time = ModelInTime(paid, services.options.turn_max_seconds)
    runner = CheckedOnce(services.runner)
    catalog = TurnCatalog(services.catalog, runner, turn)
    own = replace(services, model=MaskedModel(in_time), runner=runner, catalog=catalog)
    return Context(own, turn, on_progress, Meter(spent, budget=services.options.turn_max_tokens), catalog)


async def _prune(saver: BaseCheckpointSaver[str], conversation: str) -> None:
    """Keep the last checkpoint only: what a thread costs does not grow with its length."""
    await saver.aprune([conversation], strategy="keep_latest")


def _answer(work: Work, turn: Turn) -> Answer:
    plain = work.get("answer")
    if plain is None:  # the turn ended at classify_relevance: it was not for us
        language = language_for(turn.text, turn.actor)
        return Answer(turn.id, language, route=None, usage=usage_from_plain(work.get("usage")))
    return answer_from_plain(plain)
