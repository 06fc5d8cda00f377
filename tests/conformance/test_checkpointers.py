"""Every place where conversations can be remembered does what the analyst needs of it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from agent.analyst import Savers
from agent.memory_savers import MemorySavers
from bot.storage.checkpoints import open_savers
from bot.storage.dynamo_checkpoints import DynamoTable, open_dynamo_savers
from tests.moto_server import aws_account, dynamo_table, dynamodb_url

__all__ = ["aws_account", "dynamo_table", "dynamodb_url"]

Open = Callable[[], AbstractAsyncContextManager[Savers]]
"""Opens the same store again, as the next process would; the memory of one process stays what it is."""


@pytest.fixture(params=["memory", "postgres", "dynamodb"])
def reopen(request: pytest.FixtureRequest) -> Open:
    match request.param:
        case "memory":
            memory = MemorySavers()

            @asynccontextmanager
            async def same() -> AsyncGenerator[Savers]:
                yield memory

            return same
        case "postgres":
            uri: str = request.getfixturevalue("database_url")
            return lambda: open_savers(uri, workers=2)
        case _:
            table: DynamoTable = request.getfixturevalue("dynamo_table")
            return lambda: open_dynamo_savers(table, workers=2)


class Notes(TypedDict):
    said: list[str]
    kept: dict[str, Any]


class Killed(BaseException):
    """The process ends here."""


class Graph:
    """Two nodes; the second dies as often as it is told to."""

    def __init__(self, savers: Savers) -> None:
        self._savers = savers
        self.heard = 0
        self.deaths = 0
        builder = StateGraph(Notes)
        builder.add_node("hear", self._hear)
        builder.add_node("answer", self._answer)
        builder.add_edge(START, "hear")
        builder.add_edge("hear", "answer")
        builder.add_edge("answer", END)
        self._mould = builder.compile()

    async def _hear(self, state: Notes) -> dict[str, Any]:
        self.heard += 1
        return {"said": [*state["said"], "heard"]}

    async def _answer(self, state: Notes) -> dict[str, Any]:
        if self.deaths:
            self.deaths -= 1
            raise Killed
        return {"said": [*state["said"], "answered"]}

    async def run(self, conversation: str, fresh: dict[str, Any] | None, *, prunes: bool = True) -> dict[str, Any]:
        async with self._savers.slot() as saver:
            graph = self._mould.copy(update={"checkpointer": saver})
            ended = await graph.ainvoke(fresh, thread(conversation), durability="sync")  # type: ignore[arg-type]
            if prunes:
                await saver.aprune([conversation], strategy="keep_latest")
            return ended

    async def state(self, conversation: str) -> Any:
        async with self._savers.slot() as saver:
            return await self._mould.copy(update={"checkpointer": saver}).aget_state(thread(conversation))

    async def checkpoints(self, conversation: str) -> int:
        async with self._savers.slot() as saver:
            return len([found async for found in saver.alist(thread(conversation))])


def thread(name: str) -> RunnableConfig:
    return RunnableConfig(configurable={"thread_id": name})


def said(*words: str, **kept: Any) -> dict[str, Any]:
    return {"said": list(words), "kept": kept}


A, B = "T1:C1:1712.000100", "T1:C1:1712.000200"
"""Conversation keys, as the bot makes them."""


async def test_what_was_put_is_got_by_the_next_one(reopen: Open) -> None:
    kept = {"number": 1, "float": 0.5, "nothing": None, "list": [1, [2]], "text": "안녕 👋", "long": "x" * 50_000}
    async with reopen() as savers:
        await Graph(savers).run(A, said("a", **kept))
    async with reopen() as savers:
        assert (await Graph(savers).state(A)).values == {"said": ["a", "heard", "answered"], "kept": kept}


async def test_a_conversation_that_nobody_held_is_empty(reopen: Open) -> None:
    async with reopen() as savers:
        state = await Graph(savers).state(A)
        assert (state.values, state.next) == ({}, ())
        assert await Graph(savers).checkpoints(A) == 0


async def test_conversations_do_not_mix(reopen: Open) -> None:
    async with reopen() as savers:
        graph = Graph(savers)
        await graph.run(A, said("a"))
        await graph.run(B, said("b"))
        assert (await graph.state(A)).values["said"][0] == "a"
        assert (await graph.state(B)).values["said"][0] == "b"


async def test_a_killed_turn_goes_on_at_its_node_in_the_next_process(reopen: Open) -> None:
    async with reopen() as savers:
        graph = Graph(savers)
        graph.deaths = 1
        with pytest.raises(Killed):
            await graph.run(A, said("a"))
    async with reopen() as savers:
        graph = Graph(savers)
        assert (await graph.state(A)).next == ("answer",)
        assert (await graph.run(A, None))["said"] == ["a", "heard", "answered"]
        assert graph.heard == 0
        assert (await graph.state(A)).next == ()


async def test_checkpoints_are_listed_newest_first(reopen: Open) -> None:
    async with reopen() as savers:
        await Graph(savers).run(A, said("a"), prunes=False)
        async with savers.slot() as saver:
            steps = [found.metadata["step"] async for found in saver.alist(thread(A))]
            newest = [found.metadata["step"] async for found in saver.alist(thread(A), limit=1)]
    assert steps == sorted(steps, reverse=True)
    assert len(steps) > 2
    assert newest == steps[:1]


async def test_pruning_leaves_the_latest_checkpoint_as_it_was(reopen: Open) -> None:
    async with reopen() as savers:
        graph = Graph(savers)
        await graph.run(A, said("a"), prunes=False)
        await graph.run(B, said("b"), prunes=False)
        before, others = await graph.state(A), await graph.checkpoints(B)
        async with savers.slot() as saver:
            await saver.aprune([A], strategy="keep_latest")
        after = await graph.state(A)
        assert (after.values, after.next, after.config) == (before.values, before.next, before.config)
        assert await graph.checkpoints(A) == 1
        assert await graph.checkpoints(B) == others


async def test_pruning_what_is_not_there_is_nothing(reopen: Open) -> None:
    async with reopen() as savers, savers.slot() as saver:
        await saver.aprune([A], strategy="keep_latest")
        await saver.adelete_thread(A)


async def test_many_turns_keep_one_checkpoint(reopen: Open) -> None:
    async with reopen() as savers:
        graph = Graph(savers)
        for number in range(6):
            await graph.run(A, said(f"turn {number}"))
            assert await graph.checkpoints(A) == 1
        assert (await graph.state(A)).values["said"] == ["turn 5", "heard", "answered"]


async def test_a_turn_after_pruning_can_be_killed_and_resumed(reopen: Open) -> None:
    async with reopen() as savers:
        graph = Graph(savers)
        await graph.run(A, said("a"))
        graph.deaths = 1
        with pytest.raises(Killed):
            await graph.run(A, said("b"))
        async with savers.slot() as saver:  # an interrupted turn survives it, with what it has written
            await saver.aprune([A], strategy="keep_latest")
        assert (await graph.run(A, None))["said"] == ["b", "heard", "answered"]
        assert graph.heard == 2


async def test_a_deleted_conversation_is_gone_and_others_are_not(reopen: Open) -> None:
    async with reopen() as savers:
        graph = Graph(savers)
        await graph.run(A, said("a"))
        await graph.run(B, said("b"))
        async with savers.slot() as saver:
            await saver.adelete_thread(A)
        assert await graph.checkpoints(A) == 0
    async with reopen() as savers:
        assert (await Graph(savers).state(A)).values == {}
        assert (await Graph(savers).state(B)).values["said"][0] == "b"


async def test_turns_of_different_conversations_run_side_by_side(reopen: Open) -> None:
    async with reopen() as savers:
        graph = Graph(savers)
        names = [f"T1:C1:{number}.0" for number in range(6)]
        ended = await asyncio.gather(*(graph.run(name, said(name)) for name in names))
        assert [state["said"] for state in ended] == [[name, "heard", "answered"] for name in names]
        for name in names:
            assert (await graph.state(name)).values["said"][0] == name
