from typing import Any

import pytest

from bot.local.bigquery.errors import BigQueryError

NEEDED_MB = 1 << 20


def refusal(warehouse: Any, sql: str) -> BigQueryError:
    with pytest.raises(BigQueryError) as caught:
        warehouse.rows(sql)
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "shop.orders",
        "`shop.orders`",
        "shop.`orders`",
        "demo-proj.shop.orders",
        "`demo-proj.shop.orders`",
        "`demo-proj`.shop.orders",
        "`demo-proj.shop`.orders",
        "`demo-proj`.`shop`.`orders`",
    ],
)
def test_a_table_is_found_however_its_name_is_quoted(warehouse: Any, name: str):
    assert warehouse.rows(f"SELECT COUNT(orders.order_id) FROM {name}") == [["2861"]]


@pytest.mark.parametrize(
    ("sql", "status", "reason", "message"),
    [
        (
            "SELECT * FROM shop.nope",
            404,
            "notFound",
            "Not found: Table demo-proj:shop.nope was not found in location US",
        ),
        (
            "SELECT * FROM shop.ORDERS",
            404,
            "notFound",
            "Not found: Table demo-proj:shop.ORDERS was not found in location US",
        ),
        (
            "SELECT * FROM nowhere.x",
            404,
            "notFound",
            "Not found: Dataset demo-proj:nowhere was not found in location US",
        ),
        (
            "SELECT * FROM `web.nope_*`",
            404,
            "notFound",
            "Not found: Table demo-proj:web.nope_* was not found in location US",
        ),
        (
            "SELECT * FROM orders",
            400,
            "invalid",
            'Table "orders" must be qualified with a dataset (e.g. dataset.table).',
        ),
        ("SELEC 1", 400, "invalidQuery", 'Syntax error: Unexpected identifier "SELEC" at [1:1]'),
        ("SELECT nope FROM shop.orders", 400, "invalidQuery", "Unrecognized name: nope at [1:8]"),
        ("SELECT 1/0", 400, "invalidQuery", "division by zero: 1 / 0"),
        (
            "SELECT 1 AS a, 2 AS A",
            400,
            "invalidQuery",
            "Duplicate column names in the result are not supported when a destination table is present."
            " Found duplicate(s): a",
        ),
    ],
)
def test_a_wrong_statement_is_refused_in_bigquerys_words(
    warehouse: Any, sql: str, status: int, reason: str, message: str
):
    error = refusal(warehouse, sql)
    assert (error.status, error.reason, error.message) == (status, reason, message)


def test_another_project_is_denied_not_searched(warehouse: Any):
    error = refusal(warehouse, "SELECT * FROM `other-proj.shop.orders`")
    assert (error.status, error.reason) == (403, "accessDenied")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM shop.orders WHERE nope = 1",
        "SELECT 1 FROM `demo-proj`.shop.orders AS o JOIN shop.users ON users.id = o.user_id WHERE nope = 1",
        "SELECT 1\nFROM shop.orders, shop.users WHERE\n  nope = 1",
        "SELECT '주문' AS 이름 FROM shop.orders /* 数 */ WHERE nope = 1".replace("이름", "`이름`"),
    ],
)
def test_the_place_in_an_error_is_the_place_in_the_text_as_written(warehouse: Any, sql: str):
    before = sql[: sql.index("nope")]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    assert refusal(warehouse, sql).message == f"Unrecognized name: nope at [{line}:{column}]"


def test_a_name_of_a_with_hides_the_table(warehouse: Any):
    plan = warehouse.plan("WITH orders AS (SELECT 1 AS x) SELECT x FROM orders")
    assert plan.tables == ()


def test_tables_where_the_engines_list_is_blind_are_found_too(warehouse: Any):
    plan = warehouse.plan(
        "SELECT order_id FROM shop.orders"
        " QUALIFY ROW_NUMBER() OVER (ORDER BY (SELECT MAX(salary) FROM hr.salaries)) = 1"
    )
    assert {table.full_name for table in plan.tables} == {"demo-proj.shop.orders", "demo-proj.hr.salaries"}


def test_bytes_are_those_of_the_columns_read_whatever_is_filtered(warehouse: Any):
    rows = 2861
    assert warehouse.plan("SELECT order_id FROM shop.orders").bytes_processed == 8 * rows
    assert warehouse.plan("SELECT order_id FROM shop.orders WHERE user_id = 1").bytes_processed == 2 * 8 * rows
    assert warehouse.plan(
        "SELECT a.order_id FROM shop.orders a JOIN shop.orders b USING (order_id)"
    ).bytes_processed == (8 * rows)
    assert warehouse.plan("SELECT 1 FROM shop.orders").bytes_processed == 0


def test_at_least_ten_megabytes_are_billed_for_each_table(warehouse: Any):
    assert warehouse.plan("SELECT 1").bytes_billed == 0
    assert warehouse.plan("SELECT id FROM shop.users").bytes_billed == 10 * NEEDED_MB
    assert warehouse.plan("SELECT 1 FROM shop.users, shop.orders").bytes_billed == 20 * NEEDED_MB


def test_a_wildcard_joins_the_shards_and_knows_each_by_its_suffix(warehouse: Any):
    per_day = warehouse.rows(
        "SELECT _TABLE_SUFFIX AS day, COUNT(*) AS events FROM `web.events_*` WHERE _TABLE_SUFFIX <= '20251202'"
        " GROUP BY day ORDER BY day"
    )
    assert per_day == [["20251201", "98"], ["20251202", "94"]]
    assert warehouse.rows("SELECT COUNT(*) FROM web.events_20251201") == [["98"]]


def test_a_narrower_wildcard_has_a_shorter_suffix(warehouse: Any):
    assert warehouse.rows("SELECT COUNT(*) FROM `demo-proj.web.events_2025120*` WHERE _TABLE_SUFFIX = '1'") == [["98"]]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "SELECT"),
        ("FROM shop.orders |> AGGREGATE COUNT(*) AS n", "SELECT"),
        ("INSERT INTO shop.orders (order_id) VALUES (1)", "INSERT"),
        ("UPDATE shop.orders SET status = '' WHERE TRUE", "UPDATE"),
        ("DELETE FROM shop.orders WHERE TRUE", "DELETE"),
        ("MERGE shop.orders o USING shop.users u ON FALSE WHEN MATCHED THEN DELETE", "MERGE"),
        ("TRUNCATE TABLE shop.orders", "TRUNCATE_TABLE"),
        ("CREATE TABLE shop.x (a INT64)", "CREATE_TABLE"),
        ("CREATE TABLE shop.x AS SELECT 1 AS a", "CREATE_TABLE_AS_SELECT"),
        ("CREATE OR REPLACE VIEW shop.v AS SELECT 1 AS a", "CREATE_VIEW"),
        ("CREATE FUNCTION shop.f() AS (1)", "CREATE_FUNCTION"),
        ("DROP TABLE shop.orders", "DROP_TABLE"),
        ("DROP VIEW shop.v", "DROP_VIEW"),
        ("ALTER TABLE shop.orders ADD COLUMN x INT64", "ALTER_TABLE"),
        ("EXPORT DATA OPTIONS (uri = 'gs://b/*') AS SELECT 1", "EXPORT_DATA"),
        ("CALL shop.p()", "CALL"),
        ("SELECT 1; SELECT 2", "SCRIPT"),
        ("DECLARE x INT64; SET x = 1", "SCRIPT"),
        ("CREATE TEMP FUNCTION f() AS (1); SELECT f()", "SCRIPT"),
    ],
)
def test_every_statement_is_called_what_bigquery_calls_it(warehouse: Any, sql: str, kind: str):
    assert warehouse.plan(sql).statement_type == kind


def test_a_pipe_that_writes_is_no_select(warehouse: Any):
    with pytest.raises(BigQueryError):
        warehouse.plan("FROM shop.orders |> INSERT INTO shop.orders")


def test_columns_without_a_name_are_numbered(warehouse: Any):
    assert [field["name"] for field in warehouse.plan("SELECT 1, 2 AS x, 3").schema] == ["f0_", "x", "f1_"]


def test_every_type_leaves_as_the_rest_api_writes_it(warehouse: Any):
    [row] = warehouse.rows(
        "SELECT 1, 1.5, CAST('nan' AS FLOAT64), CAST('-inf' AS FLOAT64), TRUE, 'ä', b'abc', NUMERIC '-1.50',"
        " NUMERIC '0', BIGNUMERIC '1.00000000000000000000000000000000000001', DATE '1969-12-31', "
        " DATETIME '2025-02-03 04:05:06.5', TIME '23:59:59.000001', TIMESTAMP '1970-01-01 00:00:01.5+00', "
        " JSON '{\"a\": 1}', [1, 2], STRUCT(1 AS x, [2] AS y),"
        " CAST(NULL AS STRING), CAST(NULL AS ARRAY<INT64>)"
    )
    assert row == [
        *("1", "1.5", "NaN", "-Infinity", "true", "ä", "YWJj", "-1.5", "0"),
        *("1.00000000000000000000000000000000000001", "1969-12-31", "2025-02-03T04:05:06.500000", "23:59:59.000001"),
        *("1500000", '{"a":1}', [{"v": "1"}, {"v": "2"}], {"f": [{"v": "1"}, {"v": [{"v": "2"}]}]}, None, []),
    ]


def test_the_names_that_bigquery_has_for_types_are_known(warehouse: Any):
    assert warehouse.rows("SELECT CAST('1' AS INTEGER), CAST('1' AS BIGINT), CAST('1.5' AS DECIMAL)") == [
        ["1", "1", "1.5"]
    ]


def test_tables_are_there_again_after_a_trap(warehouse: Any):
    traps = warehouse.engine.traps
    error = refusal(warehouse, "SELECT " + "(SELECT " * 3000 + "1" + ")" * 3000)
    assert error.reason == "resourcesExceeded"
    assert warehouse.engine.traps > traps
    assert warehouse.rows("SELECT COUNT(*) FROM shop.orders") == [["2861"]]
