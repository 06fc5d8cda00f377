"""Rows of a finished job, one bounded page after the other: whoever reads decides when the next one is fetched."""

from dataclasses import dataclass
from typing import Any, Final, cast

from google.api_core.retry import Retry
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

from agent.bigquery.cells import cell_of, column_of
from agent.bigquery.warehouse import Page
from agent.errors import WarehouseUnavailable
from agent.turn import Table

PAGE_SECONDS: Final = 60
"""One page's wait for its answer: it may be 10 MB of JSON."""


@dataclass(frozen=True, slots=True)
class Fetched:
    page: Page
    next_token: str | None


class ResultPages:
    """Blocking calls of getQueryResults. The job's rows live in a table of BigQuery's own for about 24 hours."""

    def __init__(self, client: bigquery.Client, retry: Retry) -> None:
        self._client = client
        self._retry = retry

    def fetch(self, job_id: str, most_rows: int, token: str | None = None, *, first: int = 0) -> Fetched:
        """At most *most_rows* rows; BigQuery ends a page before 10 MB whatever is asked."""
        asked = {
            "maxResults": most_rows,
            "location": self._client.location,
            "formatOptions.useInt64Timestamp": "true",
            "timeoutMs": 0,
        }
        if token is not None:
            asked["pageToken"] = token
        answer = self._get(f"/projects/{self._client.project}/queries/{job_id}", asked)
        if not answer.get("jobComplete"):
            raise WarehouseUnavailable(f"job {job_id} is not done")
        fields = [SchemaField.from_api_repr(field) for field in answer.get("schema", {}).get("fields", ())]
        rows = tuple(
            tuple(cell_of(cell["v"], field) for cell, field in zip(row["f"], fields, strict=True))
            for row in answer.get("rows", ())
        )
        columns = tuple(column_of(field) for field in fields)
        page = Page(columns, rows, first, int(answer.get("totalRows", len(rows))))
        return Fetched(page, answer.get("pageToken") or None)

    def first_rows(self, job_id: str, most_rows: int) -> Table:
        """The first *most_rows* rows, over as many pages as they take."""
        fetched = self.fetch(job_id, most_rows)
        rows = list(fetched.page.rows)
        while fetched.next_token is not None and len(rows) < most_rows:
            fetched = self.fetch(job_id, most_rows - len(rows), fetched.next_token, first=len(rows))
            rows += fetched.page.rows
        return Table(fetched.page.columns, tuple(rows[:most_rows]), fetched.page.total_rows)

    def _get(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        # The library reads pages into its own values only; its connection has the credentials and the error mapping.
        connection = self._client._connection  # pyright: ignore[reportPrivateUsage, reportUnknownVariableType]

        def get() -> dict[str, Any]:
            return cast(
                "dict[str, Any]",
                connection.api_request(method="GET", path=path, query_params=asked, timeout=PAGE_SECONDS),
            )

        return self._retry(get)()
