import pytest

from agent.sql.names import TableName, UnreadableName, read_table_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("sales", "a"), TableName("p", "sales", "a")),
        (("q", "sales", "a"), TableName("q", "sales", "a")),
        (("q.sales.a",), TableName("q", "sales", "a")),
        (("q.sales", "a"), TableName("q", "sales", "a")),
        (("q", "sales.a"), TableName("q", "sales", "a")),
        (("example.com:proj.sales.a",), TableName("example.com:proj", "sales", "a")),
        (("google.com:proj", "sales", "a"), TableName("google.com:proj", "sales", "a")),
        (("sales", "a$20250101"), TableName("p", "sales", "a")),
        (("sales", "events_*"), TableName("p", "sales", "events_*")),
        (("sales", "information_schema", "tables"), TableName("p", "sales", "information_schema.tables", True)),
        (("q", "region-us", "INFORMATION_SCHEMA", "JOBS"), TableName("q", "", "INFORMATION_SCHEMA.JOBS", True)),
        (("INFORMATION_SCHEMA", "SCHEMATA"), TableName("p", "", "INFORMATION_SCHEMA.SCHEMATA", True)),
        (("sales", "__TABLES__"), TableName("p", "sales", "__TABLES__", True)),
    ],
)
def test_a_path_is_read_as_bigquery_reads_it(path: tuple[str, ...], name: TableName) -> None:
    assert read_table_name(path, "p") == name


@pytest.mark.parametrize(
    "path", [("a",), ("a", "b", "c", "d"), ("", "a"), ("a.", "b"), ("a*", "b"), ("a", "b*c"), ("x", "a*", "b")]
)
def test_a_name_that_cannot_be_judged_is_refused(path: tuple[str, ...]) -> None:
    with pytest.raises(UnreadableName):
        read_table_name(path, "p")


def test_an_unqualified_name_needs_a_default_dataset() -> None:
    assert read_table_name(("a",), "p", "d") == TableName("p", "d", "a")
