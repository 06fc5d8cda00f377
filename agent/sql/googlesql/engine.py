"""Google's own GoogleSQL engine in this process: parser, analyzer and executor (PyPI `zetasql`, WebAssembly).

Of that package only the .wasm and its protobuf classes are used: the published client compiles for a minute at every
start and has no deadline.
"""

import re
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeAlias, TypeVar

import structlog
import wasmtime
from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as public_options_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2

from agent.sql.googlesql.errors import EngineError, EngineTrap
from agent.sql.googlesql.instance import Instance, ServiceError
from agent.sql.googlesql.module_cache import compile_module
from agent.sql.googlesql.wasmtime_engine import new_wasmtime_engine
from agent.sql.googlesql.watch import CallWatch

__all__ = ["Engine", "EngineError", "EngineTrap", "OnRestart"]

log = structlog.get_logger(__name__)

# Deeply nested SQL gives deeply nested trees: 100 levels, protobuf's default, end at about 30 parentheses.
import_module("google._upb._message").SetAllowOversizeProtos(True)

MessageT = TypeVar("MessageT", bound=Message)

OnRestart: TypeAlias = Callable[["Engine"], None]
"""Told on the engine's thread that its instance was replaced, and that what it held (catalogs) is gone."""


class Engine:
    """Single-threaded: open, call and close it on one thread; only `interrupt` and `resume` may come from another.

    Opening compiles the module where *cache_dir* does not hold it (log event `googlesql.compiling`; *stop*, set from
    any thread, ends that), else takes 0.2 s.
    """

    def __init__(
        self,
        cache_dir: Path,
        *,
        deadline_ms: int = 2000,
        memory_mb: int = 1024,
        on_restart: OnRestart | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.deadline_ms = deadline_ms
        self.traps = 0
        self._on_restart = on_restart
        self._wasmtime = new_wasmtime_engine()
        self._module = compile_module(cache_dir, self._wasmtime, stop=stop)
        self._watch = CallWatch(self._wasmtime.increment_epoch, memory_limit_bytes=memory_mb << 20)
        try:
            self._instance: Instance | None = self._new_instance()
            self.language_options = self._language_options()
        except BaseException:
            self._watch.close()
            raise

    def close(self) -> None:
        """End the watching thread. The engine is not used afterwards."""
        self._watch.close()

    def interrupt(self) -> None:
        """End the running call, and every later one until `resume`, with EngineTrap("interrupted"); from any thread."""
        self._watch.interrupt()

    def resume(self) -> None:
        """Take calls again after an `interrupt`."""
        self._watch.resume()

    def call(
        self, name: str, request: Message, response_type: type[MessageT], *, deadline_ms: int | None = None
    ) -> MessageT:
        """Call the engine's local service (`Parse`, `Analyze`, ...). Raises EngineError or EngineTrap."""
        seconds = (deadline_ms or self.deadline_ms) / 1000
        data = request.SerializeToString()
        instance = self._instance or self._renew_instance()
        instance.arm()
        with self._watch.watching(seconds, instance.memory_bytes) as watched:
            if watched.stopped:
                raise EngineTrap(watched.stopped, "calls are not taken now")
            try:
                answer = instance.call(f"ZetaSqlLocalService_{name}", data)
            except ServiceError as error:
                raise EngineError(_bigquery_wording(str(error))) from None
            except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
                trap = EngineTrap(watched.stopped or "trap", _first_line(error))
            else:
                return _parsed(response_type, answer)
        self._instance = None  # its memory may be in the middle of anything: it is never asked again
        self.traps += 1
        log.warning("googlesql.trapped", call=name, reason=trap.reason, detail=trap.detail)
        self._renew_instance()
        raise trap

    def analyzer_options(self) -> options_pb2.AnalyzerOptionsProto:
        """BigQuery's: every feature, external product mode, UTC; unused columns pruned, errors with their place."""
        options = self.call("GetAnalyzerOptions", service.AnalyzerOptionsRequest(), options_pb2.AnalyzerOptionsProto)
        options.language_options.CopyFrom(self.language_options)
        options.default_timezone = "UTC"
        options.prune_unused_columns = True
        options.error_message_mode = public_options_pb2.ERROR_MESSAGE_ONE_LINE
        return options

    def parse(self, sql: str, *, script: bool = False) -> service.ParseResponse:
        """The syntax tree, in `parsed_statement`, or in `parsed_script` if *script*."""
        request = service.ParseRequest(sql_statement=sql, allow_script=script)
        request.options.CopyFrom(self.language_options)
        try:
            return self.call("Parse", request, service.ParseResponse)
        except EngineError as error:
            raise self._with_place(error, sql) from None

    def table_names(self, sql: str, *, script: bool = False) -> list[tuple[str, ...]]:
        """Paths of the tables that the engine would look up, as written; names of a WITH are not among them.

        Blind inside QUALIFY, WINDOW, LIMIT, FOR SYSTEM_TIME, hints, FORK and TEE.
        """
        request = service.ExtractTableNamesFromStatementRequest(sql_statement=sql, allow_script=script)
        request.options.CopyFrom(self.language_options)
        response = self.call("ExtractTableNamesFromStatement", request, service.ExtractTableNamesFromStatementResponse)
        return [tuple(table.table_name_segment) for table in response.table_name]

    def analyze(
        self, sql: str, catalog: simple_catalog_pb2.SimpleCatalogProto
    ) -> resolved_ast_pb2.AnyResolvedStatementProto:
        """The resolved tree of *sql* over the tables of *catalog*, unused columns pruned."""
        request = service.AnalyzeRequest(sql_statement=sql)
        request.options.CopyFrom(self.analyzer_options())
        request.simple_catalog.CopyFrom(catalog)
        request.descriptor_pool_list.definitions.add().builtin.SetInParent()
        return self.call("Analyze", request, service.AnalyzeResponse).resolved_statement

    def builtin_functions(self) -> frozenset[str]:
        """Dotted lower-case names of every function the engine knows under these options."""
        request = options_pb2.ZetaSQLBuiltinFunctionOptionsProto()
        request.language_options.CopyFrom(self.language_options)
        response = self.call("GetBuiltinFunctions", request, service.GetBuiltinFunctionsResponse)
        return frozenset(".".join(function.name_path).lower() for function in response.function)

    def _language_options(self) -> options_pb2.LanguageOptionsProto:
        options = self.call(
            "GetLanguageOptions",
            service.LanguageOptionsRequest(maximum_features=True),
            options_pb2.LanguageOptionsProto,
        )
        options.product_mode = public_options_pb2.PRODUCT_EXTERNAL
        options.reserved_keywords.append("GRAPH_TABLE")  # as in BigQuery; the engine leaves the choice to its host
        return options

    def _with_place(self, error: EngineError, sql: str) -> EngineError:
        # The parser alone does not say where; the analyzer stops at the same error and does.
        request = service.AnalyzeRequest(sql_statement=sql)
        request.options.CopyFrom(self.analyzer_options())
        request.simple_catalog.name = "none"
        request.descriptor_pool_list.definitions.add().builtin.SetInParent()
        try:
            self.call("Analyze", request, service.AnalyzeResponse)
        except EngineError as placed:
            return placed if placed.message.startswith(error.message) else error
        return error

    def _new_instance(self) -> Instance:
        return Instance(self._wasmtime, self._module)

    def _renew_instance(self) -> Instance:
        """Raises EngineTrap where there is no memory for a new one: the next call tries again."""
        try:
            self._instance = instance = self._new_instance()
        except wasmtime.WasmtimeError as error:
            raise EngineTrap("trap", _first_line(error)) from error
        if self._on_restart is not None:
            self._on_restart(self)
        return instance


def _bigquery_wording(error: str) -> str:
    message = error.split("Message: ", 1)[-1].strip()
    return re.sub(r" \[at (\d+:\d+)\]$", r" at [\1]", message)


def _parsed(response_type: type[MessageT], answer: bytes) -> MessageT:
    response = response_type()
    response.ParseFromString(answer)
    return response


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[-1][:200]
