import threading
from pathlib import Path

import pytest
import wasmtime
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service

from agent.sql.googlesql.engine import Engine, EngineError, EngineTrap
from agent.sql.googlesql.instance import Instance

ENDLESS = "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 16000)) AS a, UNNEST(GENERATE_ARRAY(1, 16000)) AS b"


def evaluate(engine: Engine, sql: str, deadline_ms: int = 5000) -> service.EvaluateQueryResponse:
    request = service.EvaluateQueryRequest(sql=sql)
    request.options.CopyFrom(engine.analyzer_options())
    request.simple_catalog.name = "empty"
    request.simple_catalog.builtin_function_options.language_options.CopyFrom(engine.language_options)
    request.descriptor_pool_list.definitions.add().builtin.SetInParent()
    return engine.call("EvaluateQuery", request, service.EvaluateQueryResponse, deadline_ms=deadline_ms)


def answer(engine: Engine, sql: str) -> int:
    return evaluate(engine, sql).content.table_data.row[0].cell[0].int64_value


def test_a_statement_is_parsed_into_a_tree(engine: Engine):
    assert engine.parse("SELECT 1").parsed_statement.WhichOneof("node") == "ast_query_statement_node"


def test_a_script_is_parsed_only_when_scripts_are_allowed(engine: Engine):
    sql = "SELECT 1; SELECT 2"
    assert len(engine.parse(sql, script=True).parsed_script.statement_list_node.statement_list) == 2
    with pytest.raises(EngineError):
        engine.parse(sql)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", 'Syntax error: Unexpected identifier "SELEC" at [1:1]'),
        ("SELECT a FROM (", "Syntax error: Unexpected end of statement at [1:16]"),
        ("SELECT 1;\nSELECT 2", "Syntax error: Expected end of input but got keyword SELECT at [2:1]"),
        ("SELECT 'abc", "Syntax error: Unclosed string literal at [1:8]"),
    ],
)
def test_a_syntax_error_is_told_in_bigquerys_words_with_its_place(engine: Engine, sql: str, message: str):
    with pytest.raises(EngineError) as caught:
        engine.parse(sql)
    assert caught.value.message == message


def test_table_names_are_the_paths_as_written_without_the_names_of_a_with(engine: Engine):
    sql = "WITH a AS (SELECT 1) SELECT * FROM a, shop.orders, `demo-proj.shop.users`"
    assert sorted(engine.table_names(sql)) == [("demo-proj.shop.users",), ("shop", "orders")]


def test_builtin_functions_are_known_by_their_dotted_lower_case_names(engine: Engine):
    names = engine.builtin_functions()
    assert {"timestamp_trunc", "net.host", "safe_divide"} <= names
    assert "external_query" not in names


def test_time_zones_come_from_the_package_tzdata(engine: Engine):
    sql = "SELECT EXTRACT(HOUR FROM TIMESTAMP '2025-07-01 00:00:00+00' AT TIME ZONE 'Asia/Seoul')"
    assert answer(engine, sql) == 9


def test_a_call_over_its_deadline_is_ended_and_the_next_one_is_answered(engine: Engine):
    with pytest.raises(EngineTrap) as caught:
        evaluate(engine, ENDLESS, deadline_ms=100)
    assert caught.value.reason == "deadline"
    assert answer(engine, "SELECT 40 + 2") == 42


def test_a_call_is_ended_from_another_thread(engine: Engine):
    timer = threading.Timer(0.1, engine.interrupt)
    timer.start()
    with pytest.raises(EngineTrap) as caught:
        evaluate(engine, ENDLESS, deadline_ms=60_000)
    timer.join()
    engine.resume()
    assert caught.value.reason == "interrupted"
    assert answer(engine, "SELECT 40 + 2") == 42


def test_an_interrupt_between_two_calls_holds_until_calls_are_taken_again(engine: Engine):
    engine.interrupt()
    with pytest.raises(EngineTrap) as caught:
        engine.parse("SELECT 1")
    assert caught.value.reason == "interrupted"
    engine.resume()
    assert answer(engine, "SELECT 40 + 2") == 42


def test_a_call_over_the_memory_cap_is_ended_and_the_next_one_is_answered(googlesql_cache: Path):
    engine = Engine(googlesql_cache, memory_mb=40, deadline_ms=60_000)
    try:
        with pytest.raises(EngineTrap) as caught:
            engine.parse("SELECT " + ", ".join(f"column_{n} + {n}" for n in range(100_000)))
        assert caught.value.reason == "memory"
        assert answer(engine, "SELECT 40 + 2") == 42
    finally:
        engine.close()


def test_nesting_too_deep_for_the_stack_ends_the_call_not_the_process(engine: Engine):
    with pytest.raises(EngineTrap) as caught:
        engine.parse("SELECT " + "(SELECT " * 3000 + "1" + ")" * 3000)
    assert caught.value.reason == "trap"
    assert answer(engine, "SELECT 40 + 2") == 42


def test_fifty_nested_parentheses_are_no_problem(engine: Engine):
    assert answer(engine, "SELECT " + "(" * 50 + "42" + ")" * 50) == 42


def test_what_an_instance_held_can_be_registered_again_after_a_trap(googlesql_cache: Path):
    restarted: list[Engine] = []
    engine = Engine(googlesql_cache, on_restart=restarted.append)
    try:
        with pytest.raises(EngineTrap):
            evaluate(engine, ENDLESS, deadline_ms=100)
        assert restarted == [engine]
        assert engine.traps == 1
    finally:
        engine.close()


def test_the_watching_thread_ends_with_its_engine(googlesql_cache: Path):
    before = threading.active_count()
    engine = Engine(googlesql_cache)
    assert threading.active_count() == before + 1
    engine.close()
    assert threading.active_count() == before


class Unlucky(Engine):
    """`fails` times there is no memory for a new instance."""

    fails = 0

    def _new_instance(self) -> Instance:
        if self.fails:
            self.fails -= 1
            raise wasmtime.WasmtimeError("mmap failed to reserve memory")
        return super()._new_instance()


def test_an_instance_that_trapped_is_never_asked_again_even_where_no_new_one_can_be_had(googlesql_cache: Path):
    engine = Unlucky(googlesql_cache)
    try:
        engine.fails = 2
        for sql in (ENDLESS, "SELECT 1"):  # the first ends the instance, the second finds none
            with pytest.raises(EngineTrap, match="mmap failed"):
                engine.parse(sql) if sql != ENDLESS else evaluate(engine, sql, deadline_ms=100)
        assert engine.parse("SELECT 1").parsed_statement.WhichOneof("node") == "ast_query_statement_node"
    finally:
        engine.close()
