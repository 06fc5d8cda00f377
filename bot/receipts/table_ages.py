"""When the tables of an answer were last changed, by BigQuery's own word; remembered for a moment."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from agent.bigquery.warehouse import TableState
from agent.errors import WarehouseError
from bot.receipts.receipt import TableAge

log = structlog.get_logger(__name__)

MOST_TABLES: Final = 10
"""Each is a request."""
_REMEMBERED_SECONDS: Final = 30.0
_REMEMBERED: Final = 256


class TableStates(Protocol):
    async def table_state(self, name: str) -> TableState: ...


class TableAges:
    def __init__(self, states: TableStates, clock: Callable[[], float] = time.monotonic) -> None:
        self._states = states
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, float | None]] = OrderedDict()
        """By name: when it was asked, and what was said."""

    async def of(self, names: Sequence[str], *, read_at: float | None) -> tuple[TableAge, ...]:
        """The first MOST_TABLES of *names*. *read_at*: Unix seconds of the job that read them, where that is known."""
        changes = await asyncio.gather(*map(self._changed_at, names[:MOST_TABLES]))
        return tuple(
            TableAge(name, changed, is_newer=changed is not None and read_at is not None and changed > read_at)
            for name, changed in zip(names, changes, strict=False)
        )

    async def _changed_at(self, name: str) -> float | None:
        asked, changed = self._known.get(name, (float("-inf"), None))
        if self._clock() - asked < _REMEMBERED_SECONDS:
            return changed
        try:
            state = await self._states.table_state(name)
        except WarehouseError as error:
            log.info("receipt.table_unknown", error=type(error).__name__)
            return None
        changed = state.modified_at.timestamp() if state.modified_at else None
        self._known[name] = (self._clock(), changed)
        self._known.move_to_end(name)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return changed
