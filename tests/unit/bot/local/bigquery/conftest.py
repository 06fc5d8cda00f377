from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.sql.googlesql.engine import Engine
from bot.local.bigquery.cells import rest_row
from bot.local.bigquery.demo.shop import demo_project
from bot.local.bigquery.schema import Project
from bot.local.bigquery.warehouse import LocalWarehouse, Plan


class OpenWarehouse:
    """A warehouse and its engine, on the test's own thread."""

    def __init__(self, warehouse: LocalWarehouse, engine: Engine) -> None:
        self.warehouse = warehouse
        self.engine = engine

    def plan(self, sql: str) -> Plan:
        return self.warehouse.plan(self.engine, sql)

    def rows(self, sql: str) -> list[list[Any]]:
        result = self.warehouse.run(self.engine, self.plan(sql))
        encoded = [rest_row(row.cell, result.types, int64_timestamps=True) for row in result.rows]
        return [[cell["v"] for cell in row["f"]] for row in encoded]


@pytest.fixture(scope="session")
def shop() -> Project:
    return demo_project()


@pytest.fixture(scope="session")
def warehouse(googlesql_cache: Path, shop: Project) -> Iterator[OpenWarehouse]:
    held = LocalWarehouse(shop)
    engine = Engine(googlesql_cache, memory_mb=2048, on_restart=held.on_restart)
    held.open(engine)
    yield OpenWarehouse(held, engine)
    engine.close()
