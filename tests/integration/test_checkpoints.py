"""Conversation memory in Postgres."""

import asyncio
import operator
from typing import Annotated, TypedDict

import psycopg
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from bot.storage.checkpoints import open_savers
from bot.storage.database import StorageUnavailable
from bot.storage.embedded import EmbeddedPostgres
from tests.integration.test_inbox_outage import own_postgres

__all__ = ["own_postgres"]


class Notes(TypedDict):
    said: Annotated[list[str], operator.add]


def graph() -> StateGraph[Notes]:
    builder = StateGraph(Notes)
    builder.add_node("answer", lambda state: {"said": [f"heard {len(state['said'])}"]})
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder


def thread(name: str) -> RunnableConfig:
    return RunnableConfig(configurable={"thread_id": name})


async def test_a_conversation_is_remembered_by_the_next_process(database_url: str) -> None:
    for expected in (["a", "heard 1"], ["a", "heard 1", "a", "heard 3"]):
        async with open_savers(database_url) as savers, savers.slot() as saver:
            compiled = graph().compile(checkpointer=saver)
            ended = await compiled.ainvoke({"said": ["a"]}, thread("T1:C1:1.0"), durability="sync")
            await saver.aprune(["T1:C1:1.0"], strategy="keep_latest")
        assert ended["said"] == expected


async def test_many_turns_share_few_connections(database_url: str) -> None:
    async with open_savers(database_url, workers=1) as savers:

        async def turn(n: int) -> list[str]:
            async with savers.slot() as saver:
                compiled = graph().compile(checkpointer=saver)
                return (await compiled.ainvoke({"said": [str(n)]}, thread(f"t{n}"), durability="sync"))["said"]

        assert await asyncio.gather(*(turn(n) for n in range(12))) == [[str(n), "heard 1"] for n in range(12)]


async def test_its_tables_live_in_a_schema_of_their_own(database_url: str) -> None:
    async with open_savers(database_url):
        pass
    query = "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_name LIKE 'checkpoint%'"
    with psycopg.connect(database_url) as connection:
        assert connection.execute(query).fetchall() == [("langgraph",)]


async def test_several_processes_may_start_at_once(database_url: str) -> None:
    async def start() -> None:
        async with open_savers(database_url):
            pass

    await asyncio.gather(*(start() for _ in range(4)))


async def test_an_outage_is_said_to_be_one_and_passes(own_postgres: EmbeddedPostgres) -> None:
    async with open_savers(own_postgres.uri, workers=1) as savers:

        async def turn() -> list[str]:
            async with savers.slot() as saver:
                compiled = graph().compile(checkpointer=saver)
                return (await compiled.ainvoke({"said": ["a"]}, thread("t"), durability="sync"))["said"]

        assert await turn() == ["a", "heard 1"]
        await asyncio.to_thread(own_postgres.stop)
        with pytest.raises(StorageUnavailable):
            await turn()
        await asyncio.to_thread(own_postgres.start)
        async with asyncio.timeout(60):
            while True:
                try:
                    said = await turn()
                except StorageUnavailable:
                    continue
                break
        assert said[:2] == ["a", "heard 1"]


async def test_no_server_at_the_start_says_so() -> None:
    with pytest.raises(StorageUnavailable):
        async with open_savers("postgresql://postgres@127.0.0.1:1/none"):
            pass
