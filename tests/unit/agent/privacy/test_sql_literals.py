"""Google's own engine reads back, out of every kind of literal, exactly the value that was put there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service

from agent.privacy.sql_literals import put_into_sql, string_literal
from agent.sql.googlesql.engine import Engine

WRITTEN = ("'<V>'", '"<V>"', "'''<V>'''", '"""<V>"""', "r'<V>'", 'R"<V>"', "r'''<V>'''", "<V>")
VALUES = st.text(alphabet="ab'\"\\\n\r;-#/*`<>é한 ", max_size=12)


@pytest.fixture(scope="module")
def engine(googlesql_cache: Path) -> Iterator[Engine]:
    engine = Engine(googlesql_cache)
    yield engine
    engine.close()


def read_back(engine: Engine, literals: list[str]) -> list[str]:
    request = service.EvaluateQueryRequest(sql=f"SELECT {', '.join(literals)}, 'after'")
    request.options.CopyFrom(engine.analyzer_options())
    request.simple_catalog.name = "empty"
    request.simple_catalog.builtin_function_options.language_options.CopyFrom(engine.language_options)
    request.descriptor_pool_list.definitions.add().builtin.SetInParent()
    response = engine.call("EvaluateQuery", request, service.EvaluateQueryResponse, deadline_ms=5000)
    *cells, after = (cell.string_value for cell in response.content.table_data.row[0].cell)
    assert after == "after"
    return cells


def put(written: str, value: str) -> str:
    return put_into_sql(
        written,
        within=lambda text, spell: text.replace("<V>", spell(value)),
        bare=lambda text: text.replace("<V>", string_literal(value)),
    )


@pytest.mark.parametrize("written", WRITTEN)
def test_no_value_ends_its_literal_or_changes_on_the_way(engine: Engine, written: str):
    @settings(max_examples=12, deadline=None)
    @given(st.lists(VALUES, min_size=5, max_size=5))  # five of them for the engine's one round
    def holds(values: list[str]) -> None:
        assert read_back(engine, [put(written, value) for value in values]) == values

    holds()
