"""Which tables may change without saying so, by BigQuery's own description of them."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from google.cloud import bigquery

from agent.bigquery.table_requests import TableRequests

PLAIN: dict[str, Any] = {
    "tableReference": {"projectId": "p", "datasetId": "d", "tableId": "t"},
    "type": "TABLE",
    "lastModifiedTime": "1735689600000",
    "numRows": "3",
}


class Client:
    """Answers tables.get."""

    def __init__(self, resource: dict[str, Any]) -> None:
        self._resource = resource

    def get_table(self, name: str, **_: Any) -> bigquery.Table:
        assert name == "p.d.t"
        return bigquery.Table.from_api_repr(self._resource)


def state_of(**more: Any) -> Any:
    return TableRequests(cast(bigquery.Client, Client(PLAIN | more)), 1.0).state("p.d.t")


def test_a_native_table_says_when_it_changes() -> None:
    state = state_of()
    assert (state.kind, state.rows, state.may_change_unseen) == ("TABLE", 3, False)
    assert state.modified_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert not state_of(timePartitioning={"type": "DAY"}).may_change_unseen


@pytest.mark.parametrize(
    "more",
    [
        {"streamingBuffer": {"estimatedRows": "1"}},
        {"timePartitioning": {"type": "DAY", "expirationMs": "86400000"}},
        {"expirationTime": "1999999999999"},
        {"externalDataConfiguration": {"sourceFormat": "CSV"}},
        {"biglakeConfiguration": {"tableFormat": "ICEBERG"}},
        {"maxStaleness": "0-0 0 4:0:0"},
    ],
)
def test_what_streams_in_runs_out_or_lies_elsewhere_changes_unseen(more: dict[str, Any]) -> None:
    assert state_of(**more).may_change_unseen


def test_a_view_brings_its_definition() -> None:
    state = state_of(type="VIEW", view={"query": "SELECT 1"})
    assert (state.kind, state.view_query) == ("VIEW", "SELECT 1")
