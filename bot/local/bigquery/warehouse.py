"""The warehouse behind the REST API: prices a statement, and runs it, on the engine's thread."""

from dataclasses import dataclass
from itertools import count

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.public import type_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2

from agent.sql.googlesql.engine import Engine, EngineError, EngineTrap
from bot.local.bigquery.catalog import Catalog, CatalogTable, CatalogView
from bot.local.bigquery.errors import BigQueryError, invalid_query, job_stopped, resources_exceeded
from bot.local.bigquery.registration import Registration, pools
from bot.local.bigquery.rewriting import Rewritten, known_tables, rewrite
from bot.local.bigquery.schema import Project
from bot.local.bigquery.sqltypes import Field, rest_field
from bot.local.bigquery.statements import SCRIPT, SELECT, statement_type
from bot.local.bigquery.tree import walk

MINIMUM_BILLED_BYTES = 10 << 20
"""Per table referenced."""

_ANALYZE_DEADLINE_MS = 10_000
_EXECUTE_DEADLINE_MS = 60_000

_DEEPEST_VIEW = 16
"""Views over views, BigQuery's limit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement that BigQuery would accept, and what it would cost."""

    statement_type: str
    tables: tuple[CatalogTable, ...]
    bytes_processed: int
    schema: tuple[Field, ...]
    rewritten: Rewritten | None
    """None for what is not a SELECT: it is never run."""

    @property
    def bytes_billed(self) -> int:
        if not self.tables:
            return 0
        megabyte = 1 << 20
        return max(MINIMUM_BILLED_BYTES * len(self.tables), -(-self.bytes_processed // megabyte) * megabyte)


@dataclass(frozen=True, slots=True)
class Rows:
    """A result, still in the engine's form."""

    types: tuple[type_pb2.TypeProto, ...]
    rows: tuple[service.TableData.Row, ...]


class LocalWarehouse:
    """Every method runs on the engine's one thread, and raises BigQueryError."""

    def __init__(self, project: Project) -> None:
        self.catalog = Catalog(project)
        self._registration = Registration([*self.catalog.tables.values(), *self.catalog.shard_wildcards()])

    def open(self, engine: Engine) -> None:
        """Give the engine every table with its rows."""
        self._registration.ensure(engine)

    def on_restart(self, _engine: Engine) -> None:
        """The engine has a new instance: the next request registers again what the old one held."""
        self._registration.forget()

    def plan(self, engine: Engine, sql: str) -> Plan:
        try:
            return self._plan(engine, sql)
        except EngineError as error:
            raise invalid_query(error.message) from None
        except EngineTrap as trap:
            raise _from_trap(trap) from None

    def run(self, engine: Engine, plan: Plan) -> Rows:
        assert plan.rewritten is not None, "only a SELECT is run"
        try:
            response = self._evaluate(engine, plan.rewritten)
        except EngineError as error:
            raise invalid_query(plan.rewritten.message_as_written(error.message)) from None
        except EngineTrap as trap:
            raise _from_trap(trap) from None
        return Rows(tuple(c.type for c in response.prepared.columns), tuple(response.content.table_data.row))

    def _plan(self, engine: Engine, sql: str) -> Plan:
        try:
            parsed = engine.parse(sql).parsed_statement
        except EngineError as error:
            if _is_script(engine, sql):
                return Plan(SCRIPT, (), 0, (), None)
            raise invalid_query(error.message) from None
        kind = statement_type(parsed)
        if kind != SELECT:
            return Plan(kind, known_tables(parsed, self.catalog), 0, (), None)
        rewritten = self._rewrite(engine, sql, parsed, _DEEPEST_VIEW)
        resolved = self._analyze(engine, rewritten)
        return Plan(kind, rewritten.tables, _bytes_read(resolved, rewritten.tables), _schema(resolved), rewritten)

    def _rewrite(self, engine: Engine, sql: str, parsed: Message, depth: int) -> Rewritten:
        def expand(view: CatalogView) -> Rewritten:
            if not depth:
                raise invalid_query(f"Exceeded the maximum number of nested views, {_DEEPEST_VIEW}.")
            inner = engine.parse(view.spec.query).parsed_statement
            return self._rewrite(engine, view.spec.query, inner, depth - 1)

        return rewrite(sql, parsed, engine.table_names(sql), self.catalog, expand)

    def _evaluate(self, engine: Engine, rewritten: Rewritten) -> service.EvaluateQueryResponse:
        held = self._registration.ensure(engine, rewritten.tables)
        request = service.EvaluateQueryRequest(sql=rewritten.sql, registered_catalog_id=held.registered_id)
        request.options.CopyFrom(engine.analyzer_options())
        request.descriptor_pool_list.CopyFrom(pools(held))
        return engine.call("EvaluateQuery", request, service.EvaluateQueryResponse, deadline_ms=_EXECUTE_DEADLINE_MS)

    def _analyze(self, engine: Engine, rewritten: Rewritten) -> service.AnalyzeResponse:
        held = self._registration.ensure(engine, rewritten.tables)
        request = service.AnalyzeRequest(sql_statement=rewritten.sql, registered_catalog_id=held.registered_id)
        request.options.CopyFrom(engine.analyzer_options())
        request.descriptor_pool_list.CopyFrom(pools(held))
        try:
            return engine.call("Analyze", request, service.AnalyzeResponse, deadline_ms=_ANALYZE_DEADLINE_MS)
        except EngineError as error:
            raise invalid_query(rewritten.message_as_written(error.message)) from None


def _is_script(engine: Engine, sql: str) -> bool:
    try:
        return bool(engine.parse(sql, script=True).parsed_script.statement_list_node.statement_list)
    except EngineError:
        return False


def _bytes_read(resolved: service.AnalyzeResponse, tables: tuple[CatalogTable, ...]) -> int:
    """Logical bytes of the columns that the statement reads, each once per table, whatever it filters."""
    read: set[tuple[str, int]] = set()
    for node in walk(resolved.resolved_statement):
        if isinstance(node, resolved_ast_pb2.ResolvedTableScanProto):
            read |= {(node.table.name, index) for index in node.column_index_list}
    weights = {table.full_name: table.column_bytes for table in tables}
    # The pseudo column of a wildcard stands behind the real ones, and is free.
    return sum(weights[name][index] for name, index in read if index < len(weights[name]))


def _schema(resolved: service.AnalyzeResponse) -> tuple[Field, ...]:
    columns = resolved.resolved_statement.resolved_query_stmt_node.output_column_list
    names = _column_names([column.name for column in columns])
    return tuple(rest_field(name, column.column.type) for name, column in zip(names, columns, strict=True))


def _column_names(names: list[str]) -> list[str]:
    """Expressions without a name are f0_, f1_, ...; two columns of one name are refused."""
    anonymous = count()
    given = [name if name and not name.startswith("$") else f"f{next(anonymous)}_" for name in names]
    lowered = [name.lower() for name in given]
    if twice := [name for name in dict.fromkeys(lowered) if lowered.count(name) > 1]:
        raise invalid_query(
            "Duplicate column names in the result are not supported when a destination table is present."
            f" Found duplicate(s): {', '.join(twice)}"
        )
    return given


def _from_trap(trap: EngineTrap) -> BigQueryError:
    match trap.reason:
        case "interrupted":
            return job_stopped("User requested cancellation")
        case "deadline":
            return resources_exceeded("the query ran for too long")
        case "memory":
            return resources_exceeded("the query could not be executed in the allotted memory")
        case "trap":
            return resources_exceeded("Not enough resources for query planning - query is too complex.")
