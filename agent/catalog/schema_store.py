"""The tables the bot may read, described by the warehouse and kept for a while."""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from agent.bigquery.warehouse import TableInfo, Warehouse
from agent.errors import WarehouseError

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 600.0
"""A new table or column is seen after ten minutes at the latest."""
_SOONEST_SECONDS = 30.0


class SchemaStore:
    """Descriptions of every table of *datasets* (`project.dataset`): a list, or who says what it is now."""

    def __init__(
        self,
        warehouse: Warehouse,
        datasets: Sequence[str] | Callable[[], Sequence[str]],
        *,
        refresh_seconds: float = REFRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._warehouse = warehouse
        self._datasets = datasets if callable(datasets) else lambda: datasets
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._tables: tuple[TableInfo, ...] | None = None
        self._read_of: tuple[str, ...] = ()
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def tables(self) -> tuple[TableInfo, ...]:
        """Sorted by name, so that a prompt made of them is the same text every time.

        Raises WarehouseError only when nothing was ever read: an old description is better than none.
        """
        if self._tables is not None and not self._is_stale():
            return self._tables
        async with self._reading:  # the turns that wait here share one reading
            if self._tables is None or self._is_stale():
                await self._read()
        assert self._tables is not None
        return self._tables

    async def read_again(self) -> tuple[TableInfo, ...]:
        """The same, asked of the warehouse anew: it knows a table that is not among them. Every half minute at most."""
        if self._clock() - self._read_at >= _SOONEST_SECONDS:
            async with self._reading:
                if self._clock() - self._read_at >= _SOONEST_SECONDS:
                    await self._read()
        return await self.tables()

    def _is_stale(self) -> bool:
        is_old = self._clock() - self._read_at >= self._refresh_seconds
        return is_old or self._read_of != tuple(self._datasets())

    async def _read(self) -> None:
        datasets = tuple(self._datasets())
        try:
            read = await asyncio.gather(*(self._warehouse.describe_tables(dataset) for dataset in datasets))
        except WarehouseError as error:
            if self._tables is None:
                raise
            log.warning("catalog.refresh_failed", error=type(error).__name__)
        else:
            self._tables = tuple(sorted((table for tables in read for table in tables), key=lambda table: table.name))
        self._read_of = datasets
        self._read_at = self._clock()
