"""Who may read what, asked at the door: the policy as it stands, the catalog, and what a statement really reads."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from agent.bigquery.warehouse import ColumnInfo, DryRun, TableInfo
from agent.catalog.find import find_tables
from agent.policy.access import judge_access
from agent.policy.agreement import judge_dry_run
from agent.policy.column_access import AccessRuling, judge_columns
from agent.policy.decision import Deny, strictest
from agent.policy.described import Described
from agent.policy.describing import Columns, Describing
from agent.policy.grants import AccessPolicy
from agent.policy.rights import Rights, TurnRights, rights_of_turn
from agent.sql.column_use import ColumnUse
from agent.sql.names import TableName, read_table_name
from agent.sql.verdict import Verdict
from agent.turn import Actor, Audience, Column

_REMEMBERED: Final = 64


class PolicySource(Protocol):
    async def current(self) -> AccessPolicy:
        """The policy that holds now."""
        ...


class DescribedTables(Protocol):
    """`agent.catalog.schema_store.SchemaStore`."""

    async def tables(self) -> tuple[TableInfo, ...]: ...

    async def read_again(self) -> tuple[TableInfo, ...]:
        """The same, asked of the warehouse anew: something is missing in it."""
        ...


@dataclass(slots=True)
class _Reading:
    """A statement with what it reads, whoever asks."""

    catalog: Sequence[TableInfo]
    describing: Describing
    described: Described
    columns: Mapping[str, Sequence[ColumnInfo]]
    use: ColumnUse | None = None
    is_analysed: bool = False


class AccessControl:
    def __init__(
        self, policy: PolicySource, catalog: DescribedTables, columns: Columns, *, default_project: str
    ) -> None:
        self._policy = policy
        self._catalog = catalog
        self._columns = columns
        self._default_project = default_project
        self._readings: OrderedDict[tuple[str, tuple[TableName, ...]], _Reading] = OrderedDict()

    async def rights(self, actor: Actor, audience: Audience) -> TurnRights:
        return rights_of_turn(await self._policy.current(), actor, audience)

    async def rule(self, verdict: Verdict, dry_run: DryRun, rights: Rights) -> AccessRuling:
        """Whether *rights* cover all that the statement reads: by its text, by BigQuery's word, by its columns."""
        reading = await self._reading(verdict)
        explained = await _explained(verdict, rights, reading.describing)
        tables = judge_dry_run(dry_run, rights, self._default_project, explained)
        if isinstance(tables, Deny):  # what may not be read at all has no columns to speak of
            return AccessRuling(tables)
        guarded = [str(name) for name in verdict.tables if self._is_guarded(name, reading.described, rights)]
        unnamed = await self._unnamed(verdict, dry_run, reading.describing)
        beyond, _ = await reading.describing.describe(unnamed)
        if hidden := [str(name) for name in unnamed if self._is_guarded(name, beyond, rights)]:
            return AccessRuling(strictest((tables, judge_columns(None, hidden, beyond, rights, ()).decision)))
        if not guarded:
            return AccessRuling(tables)
        columns = judge_columns(await self._use(verdict, reading), guarded, reading.described, rights, dry_run.schema)
        return replace(columns, decision=strictest((tables, columns.decision)))

    def _is_guarded(self, name: TableName, described: Described, rights: Rights) -> bool:
        return not name.is_metadata and described.guarded(str(name), rights)

    async def _unnamed(self, verdict: Verdict, dry_run: DryRun, describing: Describing) -> list[TableName]:
        """Tables that BigQuery says are read, and that neither the text names nor a view of it: by a stored function,
        or by something that the gate's own list has overlooked. Nobody can tell which of their columns.
        """
        behind = frozenset[str]().union(*[await describing.behind_view(name) for name in verdict.tables])
        found: list[TableName] = []
        for table in sorted(set(dry_run.referenced_tables) - behind):
            name = read_table_name((table,), self._default_project)
            if not any(_takes(named, name) for named in verdict.tables):
                found.append(name)
        return found

    async def foresee(self, verdict: Verdict, rights: Rights) -> AccessRuling:
        """What `rule` would say if BigQuery agreed with the statement's text: for a policy that is tried out.

        Tables that nobody has described are taken to have no column that matters.
        """
        reading = await self._reading(verdict)
        use = await self._use(verdict, reading)
        tables = judge_access(map(str, verdict.tables), rights, self._default_project)
        known = [name for name in reading.columns if reading.described.guarded(name, rights)]
        if isinstance(tables, Deny) or not known:
            return AccessRuling(tables)
        schema = tuple(Column(output.name, "") for output in use.outputs) if use else ()
        return judge_columns(use, known, reading.described, rights, schema)

    async def _use(self, verdict: Verdict, reading: _Reading) -> ColumnUse | None:
        if not reading.is_analysed:
            reading.use = await self._columns.read(verdict.sql, reading.columns)
            reading.is_analysed = True
        return reading.use

    async def _reading(self, verdict: Verdict) -> _Reading:
        catalog = await self._known_catalog(verdict.tables)
        key = (verdict.sql, verdict.tables)
        known = self._readings.get(key)
        if known is None or known.catalog is not catalog:
            describing = Describing(catalog, self._columns)
            described, columns = await describing.describe(verdict.tables)
            known = self._readings[key] = _Reading(catalog, describing, described, columns)
        self._readings.move_to_end(key)
        while len(self._readings) > _REMEMBERED:
            self._readings.popitem(last=False)
        return known

    async def _known_catalog(self, names: Iterable[TableName]) -> tuple[TableInfo, ...]:
        """The catalog; read anew when it lacks a table that BigQuery knows."""
        catalog = await self._catalog.tables()
        if all(name.is_metadata or find_tables(str(name), catalog) for name in names):
            return catalog
        return await self._catalog.read_again()


async def _explained(verdict: Verdict, rights: Rights, describing: Describing) -> frozenset[str]:
    """The tables that are the affair of views which the reader may read, and which answer for them."""
    behind = [await describing.behind_view(name) for name in verdict.tables if rights.vouches_for(name)]
    return frozenset[str]().union(*behind)


def _takes(named: TableName, read: TableName) -> bool:
    """Whether *read* is what *named* stands for: itself, or one of a wildcard's."""
    if named == read:
        return True
    is_near = (named.project, named.dataset) == (read.project, read.dataset)
    return is_near and named.is_wildcard and read.table.startswith(named.table[:-1])
