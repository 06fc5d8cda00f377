"""Golden questions: what was asked, and the rows that answer it, reviewed by hand."""

from typing import Any

from pydantic import ConfigDict

from agent.evals.case import Case, load_cases


class Golden(Case):
    """One question. `rows` are lists of cells as BigQuery answers them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sql: str
    """The SQL that made the rows: for the reader, never for a prompt."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    ordered: bool = False
    """True when the question asks for an order."""
    also: tuple[tuple[tuple[Any, ...], ...], ...] = ()
    """Other results that answer the question as well."""

    @property
    def question(self) -> str:
        return self.text


def load_golden(suite: str) -> tuple[Golden, ...]:
    """The questions of agent/evals/*suite*.json. Raises FileNotFoundError for a suite that is not there."""
    return load_cases(suite, Golden)
