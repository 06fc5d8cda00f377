"""Where the rows of a file come from: what is kept of the result where that is all of it, else BigQuery's own copy."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Protocol

from agent.bigquery.warehouse import Page
from agent.errors import ResultGone
from agent.policy.masking import masked_table
from agent.results import StoredResult
from agent.turn import Table

PAGE_ROWS: Final = 5_000


class Pages(Protocol):
    """The part of the warehouse that hands out what a job has found."""

    def pages(self, job_id: str, *, page_rows: int) -> AsyncGenerator[Page]: ...


async def pages_of(result: StoredResult, warehouse: Pages) -> AsyncGenerator[Page]:
    """The rows of *result*, masked as its answer was; all of them, unless `total_rows` says that some are gone.

    Nothing runs again for it: once BigQuery has dropped the rows, those that are kept are all that there is.
    """
    pages = warehouse.pages(result.job_id, page_rows=PAGE_ROWS) if result.table.is_truncated else _kept(result)
    is_begun = False
    try:
        async with aclosing(pages):
            async for page in pages:
                is_begun = True
                yield _masked(page, result.masked_columns)
    except ResultGone:
        if is_begun:  # the next attempt finds it gone from the start
            raise
        async for page in _kept(result):
            yield _masked(page, result.masked_columns)


async def _kept(result: StoredResult) -> AsyncGenerator[Page]:
    table = result.table
    for first in range(0, max(1, len(table.rows)), PAGE_ROWS):
        yield Page(table.columns, table.rows[first : first + PAGE_ROWS], first, table.total_rows)


def _masked(page: Page, hidden: tuple[str, ...]) -> Page:
    """By name: the columns of a result have one each, and the file's are those of the answer."""
    places = [at for at, column in enumerate(page.columns) if column.name in hidden]
    if not places:
        return page
    shown = masked_table(Table(page.columns, page.rows, page.total_rows), places)
    return Page(page.columns, shown.rows, page.first, page.total_rows)
