"""What is wrong with a draft, in words that help to write the next one: Google's engine is asked first, the door last.

A refusal by policy is nothing that a rewording should mend, so it never goes back.
"""

from collections.abc import Sequence

from agent.bigquery.warehouse import TableInfo
from agent.catalog.columns_hint import columns_hint
from agent.catalog.near_names import tables_hint
from agent.context import Context
from agent.errors import InvalidQuery
from agent.privacy.named_values import unused_in
from agent.sql.workflow import Gravity, Problem


class DraftJudge:
    """For the drafts of one question."""

    def __init__(self, context: Context, tables: Sequence[TableInfo], named: tuple[str, ...]) -> None:
        self._context = context
        self._tables = tables
        self._named = named
        """Values that the question names, and that the SQL must filter by."""
        self._sent_back: dict[str, Gravity] = {}
        """What the engine did not take."""

    async def __call__(self, sql: str) -> Problem | None:
        # A model that insists may know what the catalogue does not: then BigQuery itself is asked.
        problem = None if sql in self._sent_back else await self._by_analysis(sql)
        if problem is not None:
            self._sent_back[sql] = problem.gravity
            return problem
        return await self._by_dry_run(sql) or self._by_question(sql)

    async def _by_analysis(self, sql: str) -> Problem | None:
        analysis = self._context.services.analysis
        found = await analysis.problem(sql, self._tables) if analysis else None
        if found is None:
            return None
        gravity = Gravity.UNREADABLE if found.is_syntax else Gravity.MISNAMED
        return Problem(self._with_hint(sql, found.error, found.missing_table), gravity)

    async def _by_dry_run(self, sql: str) -> Problem | None:
        try:
            await self._context.services.runner.check(sql, self._context.query_request)
        except InvalidQuery as error:
            return Problem(self._with_hint(sql, error.detail), self._sent_back.get(sql, Gravity.REFUSED))
        return None

    def _by_question(self, sql: str) -> Problem | None:
        if unused := unused_in(sql, self._named):  # else everybody's figures would be shown as one customer's
            words = f"The query must filter by {', '.join(unused)}, as the question says."
            return Problem(words, Gravity.INCOMPLETE)
        return None

    def _with_hint(self, sql: str, error: str, missing_table: str = "") -> str:
        project = self._context.services.options.default_project
        if missing_table:
            return f"{error}\n{tables_hint(missing_table, self._tables, project)}"
        return f"{error}\n{columns_hint(sql, error, self._tables, project)}".strip()
