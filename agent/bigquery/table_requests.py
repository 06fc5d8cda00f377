"""The requests about tables and their columns, blocking."""

from collections.abc import Iterator, Sequence
from typing import Final

from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

from agent.bigquery.cells import standard_type
from agent.bigquery.job_requests import REQUEST_SECONDS, bounded_retry
from agent.bigquery.shards import TableFamily, fold_shards
from agent.bigquery.warehouse import ColumnInfo, TableInfo, TableState

_SHARD_COLUMN: Final = "_TABLE_SUFFIX"


class TableRequests:
    def __init__(self, client: bigquery.Client, retry_seconds: float) -> None:
        self._client = client
        self._retry = bounded_retry(retry_seconds)

    def families(self, dataset: str) -> tuple[TableFamily, ...]:
        """The tables of `project.dataset`, its date shards folded."""
        listed = self._client.list_tables(dataset, retry=self._retry, timeout=REQUEST_SECONDS)
        return fold_shards(item.table_id for item in listed)

    def dataset_location(self, dataset: str) -> str:
        """Of `project.dataset`. One page of its tables is listed too: that is another right than seeing the dataset."""
        found = self._client.get_dataset(dataset, retry=self._retry, timeout=REQUEST_SECONDS)
        next(iter(self._client.list_tables(dataset, max_results=1, retry=self._retry, timeout=REQUEST_SECONDS)), None)
        return str(found.location or "")

    def describe(self, dataset: str, family: TableFamily) -> TableInfo:
        table = self._client.get_table(f"{dataset}.{family.newest}", retry=self._retry, timeout=REQUEST_SECONDS)
        columns = [_column_info(field) for field in table.schema]
        if family.days:
            span = f"The day as YYYYMMDD, from {family.days[0]} to {family.days[-1]}"
            columns.append(ColumnInfo(_SHARD_COLUMN, "STRING", span))
        return TableInfo(
            name=f"{table.project}.{table.dataset_id}.{family.name}",
            columns=tuple(columns),
            description=table.description or "",
            rows=None if family.days else table.num_rows,
            view_query=table.view_query or table.mview_query or "",
        )

    def state(self, name: str) -> TableState:
        """Of `project.dataset.table`, asked anew."""
        table = self._client.get_table(name, retry=self._retry, timeout=REQUEST_SECONDS)
        return TableState(
            name=name,
            kind=table.table_type or "",
            modified_at=table.modified,
            rows=table.num_rows,
            view_query=table.view_query or "",
            may_change_unseen=_may_change_unseen(table),
        )


def _may_change_unseen(table: bigquery.Table) -> bool:
    properties = table.to_api_repr()
    partitioning = properties.get("timePartitioning") or {}
    lies_elsewhere = any(properties.get(key) for key in ("externalDataConfiguration", "biglakeConfiguration"))
    is_behind = bool(properties.get("streamingBuffer") or properties.get("maxStaleness"))
    return lies_elsewhere or is_behind or bool(partitioning.get("expirationMs") or properties.get("expirationTime"))


def _column_info(field: SchemaField) -> ColumnInfo:
    return ColumnInfo(
        name=field.name,
        type=standard_type(field),
        description=field.description or "",
        policy_tags=tuple(sorted(set(_policy_tags([field])))),
    )


def _policy_tags(fields: Sequence[SchemaField]) -> Iterator[str]:
    """A tag on a nested field tags the column: it is selected with it."""
    for field in fields:
        if field.policy_tags is not None:
            yield from field.policy_tags.names
        yield from _policy_tags(field.fields)
