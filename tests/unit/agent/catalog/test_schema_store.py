import asyncio

import pytest

from agent.bigquery.warehouse import TableInfo
from agent.catalog.schema_store import SchemaStore
from agent.errors import WarehouseUnavailable


class Describing:
    """Only what the store asks of a warehouse."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_down = False

    async def describe_tables(self, dataset: str) -> tuple[TableInfo, ...]:
        self.asked.append(dataset)
        await asyncio.sleep(0)
        if self.is_down:
            raise WarehouseUnavailable
        return (TableInfo(f"{dataset}.t", ()),)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def store(warehouse: Describing, clock: Clock) -> SchemaStore:
    return SchemaStore(warehouse, ("p.web", "p.shop"), refresh_seconds=60, clock=clock)  # pyright: ignore


async def test_turns_that_ask_together_share_one_reading():
    warehouse = Describing()
    tables = store(warehouse, Clock())
    first, second = await asyncio.gather(tables.tables(), tables.tables())
    assert [table.name for table in first] == ["p.shop.t", "p.web.t"]
    assert first == second
    assert len(warehouse.asked) == 2


async def test_it_is_read_again_after_a_while():
    warehouse, clock = Describing(), Clock()
    tables = store(warehouse, clock)
    await tables.tables()
    clock.now = 61
    await tables.tables()
    assert len(warehouse.asked) == 4


async def test_an_old_description_is_better_than_none():
    warehouse, clock = Describing(), Clock()
    tables = store(warehouse, clock)
    await tables.tables()
    warehouse.is_down, clock.now = True, 61
    assert len(await tables.tables()) == 2


async def test_without_any_description_the_outage_is_told():
    warehouse = Describing()
    warehouse.is_down = True
    with pytest.raises(WarehouseUnavailable):
        await store(warehouse, Clock()).tables()
