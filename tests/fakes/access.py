"""Access for tests: real rules over a policy that is given, and a catalog that is a list."""

from collections.abc import Iterable, Mapping, Sequence

from agent.bigquery.warehouse import ColumnInfo, TableInfo, Warehouse
from agent.catalog.schema_store import SchemaStore
from agent.policy.access_control import AccessControl
from agent.policy.grants import AccessPolicy, datasets_for_everyone
from agent.policy.policy_source import FixedPolicy
from agent.sql.column_use import ColumnUse
from agent.sql.columns import ColumnReader
from agent.sql.googlesql.thread import EngineThread


class FakeCatalog:
    def __init__(self, tables: Iterable[TableInfo] = ()) -> None:
        self.listed = tuple(tables)
        self.read_anew = 0

    async def tables(self) -> tuple[TableInfo, ...]:
        return self.listed

    async def read_again(self) -> tuple[TableInfo, ...]:
        self.read_anew += 1
        return self.listed


class FakeColumns:
    """Knows of a statement what it was told, else nothing."""

    def __init__(self, uses: Mapping[str, ColumnUse] | None = None) -> None:
        self.uses = dict(uses or {})
        self.views: dict[str, frozenset[str]] = {}

    async def read(
        self, sql: str, tables: Mapping[str, Sequence[ColumnInfo]], *, project: str | None = None
    ) -> ColumnUse | None:
        return self.uses.get(sql)

    async def tables(self, sql: str, *, project: str) -> frozenset[str] | None:
        return self.views.get(sql)


def everyone_reads(*datasets: str, project: str) -> AccessPolicy:
    return datasets_for_everyone(frozenset((project, dataset) for dataset in datasets))


def access_of(
    policy: AccessPolicy, *, project: str, tables: Iterable[TableInfo] = (), columns: FakeColumns | None = None
) -> AccessControl:
    return AccessControl(FixedPolicy(policy), FakeCatalog(tables), columns or FakeColumns(), default_project=project)


def real_access(warehouse: Warehouse, engine: EngineThread, policy: AccessPolicy, *, project: str) -> AccessControl:
    """As the composition root has it: the warehouse's own account of its tables, and Google's engine."""
    catalog = SchemaStore(warehouse, policy.datasets)
    return AccessControl(FixedPolicy(policy), catalog, ColumnReader(engine, project), default_project=project)
