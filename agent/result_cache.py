"""The cache in front of the job: a finished run answers again while nothing that it came from has changed.

It stands for another run when statement, policy and what of the result its readers may see are the same, the statement
says the same each time (`agent.sql.repeatable`), and every table behind it is as BigQuery's job has read it. All of
that is asked anew for each question; what cannot be told is run.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from agent.bigquery.warehouse import Ran, TableState
from agent.errors import WarehouseError
from agent.query_values import Check, QueryRequest
from agent.results import Results, StoredResult
from agent.sql.names import TableName

log = structlog.get_logger(__name__)

_MOST_TABLES: Final = 20
"""Behind one statement: each is a request."""
_KINDS: Final = frozenset({"TABLE", "SNAPSHOT", "VIEW"})


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A finished run that may stand for another."""

    key: str
    """`key_of` its check: the newest run of a key is kept."""
    turn_id: str
    result_id: str
    """Of its result as who asked may see it."""
    ran_at: datetime
    tables: Mapping[str, str]
    """How each table stood (`_stamp`), by `project.dataset.table`."""


class KeptRuns(Protocol):
    async def keep(self, run: KeptRun) -> None:
        """In place of the run that the key had, unless that is newer."""
        ...

    async def find(self, key: str) -> KeptRun | None: ...


class Repeatable(Protocol):
    """`agent.sql.repeatable.RepeatableReader`."""

    async def tables(self, sql: str) -> frozenset[TableName] | None: ...


class TableStates(Protocol):
    """`agent.bigquery.client.BigQueryWarehouse`."""

    async def table_state(self, name: str) -> TableState: ...


@dataclass(frozen=True, slots=True)
class FromCache:
    result: StoredResult
    """Another turn's, of the same statement, and masked for readers of the same rights."""
    ran_at: datetime


@dataclass(frozen=True, slots=True)
class ResultCache:
    runs: KeptRuns
    results: Results
    repeatable: Repeatable
    states: TableStates
    policy_version: Callable[[], str]
    default_project: str
    max_age: timedelta
    max_rows: int
    """As many rows of a result are fetched; one that was kept with fewer does not stand for it."""
    now: Callable[[], datetime]

    async def find(self, check: Check, request: QueryRequest) -> FromCache | None:
        """What may be answered in place of running *check*."""
        run = None if request.is_fresh else await self.runs.find(self._key(check))
        # A turn that comes again after a crash meets its own job, and shows its own bill.
        if run is None or run.turn_id == request.turn_id or self.now() - run.ran_at > self.max_age:
            return None
        states = await self._states(check)
        if states is None or {name: _stamp(state) for name, state in states.items()} != run.tables:
            log.info("cache.outdated", turn=request.turn_id, fingerprint=check.fingerprint)
            return None
        result = await self.results.load(run.result_id)
        if result is None or len(result.table.rows) < min(result.table.total_rows, self.max_rows):
            return None
        return FromCache(result, run.ran_at)

    async def keep(self, check: Check, request: QueryRequest, ran: Ran, result_id: str) -> None:
        """Let *ran* stand for later questions, if its tables still are what it has read.

        They are looked at after the job, and held to the job's start by BigQuery's own clock: whatever came in between,
        and however old a job is that was attached to, a change since then shows.
        """
        states = await self._states(check) if ran.started_at is not None else None
        if states is None or ran.started_at is None:
            return
        if any(state.modified_at is None or state.modified_at >= ran.started_at for state in states.values()):
            return
        stamps = {name: _stamp(state) for name, state in states.items()}
        await self.runs.keep(KeptRun(self._key(check), request.turn_id, result_id, ran.started_at, stamps))

    def _key(self, check: Check) -> str:
        rights = (check.masked, check.room and (check.room.is_withheld, check.room.masked), check.holds_tagged)
        return hashlib.sha256(repr((check.fingerprint, self.policy_version(), rights)).encode()).hexdigest()

    async def _states(self, check: Check) -> Mapping[str, TableState] | None:
        """Every table and view behind *check*. None where one of them may change unseen, or cannot be looked at."""
        # What stored functions do may change while nothing else does.
        if check.dry_run is None or check.dry_run.referenced_routines:
            return None
        named = await self.repeatable.tables(check.sql)
        if named is None:
            return None
        found: dict[str, TableState] = {}
        waiting = {*map(str, named), *check.tables}
        try:
            while waiting:
                if len(found) + len(waiting) > _MOST_TABLES:
                    return None
                states = await asyncio.gather(*map(self.states.table_state, sorted(waiting)))
                found |= {state.name: state for state in states}
                behind = [await self._behind(state) for state in states]
                if None in behind:
                    return None
                waiting = {name for names in behind for name in names or ()} - found.keys()
        except WarehouseError as error:
            log.info("cache.tables_unknown", error=type(error).__name__)
            return None
        return found

    async def _behind(self, state: TableState) -> frozenset[str] | None:
        """What a view names. None: it, or the table, may change unseen."""
        if state.may_change_unseen or state.modified_at is None or state.kind not in _KINDS:
            return None
        if state.kind != "VIEW":
            return frozenset()
        if state.name.partition(".")[0] != self.default_project:  # its names may mean another project's tables
            return None
        named = await self.repeatable.tables(state.view_query)
        return None if named is None else frozenset(map(str, named))


def _stamp(state: TableState) -> str:
    moment = state.modified_at.isoformat() if state.modified_at else ""
    view = hashlib.sha256(state.view_query.encode()).hexdigest() if state.view_query else ""
    return f"{state.kind} {moment} {state.rows} {view}"
