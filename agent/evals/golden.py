"""Golden questions: what was asked, and the rows that answer it, reviewed by hand."""

from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter


class Golden(BaseModel):
    """One question. `rows` are lists of cells as BigQuery answers them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int | str
    question: str
    sql: str
    """The SQL that made the rows: for the reader, never for a prompt."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    ordered: bool = False
    """True when the question asks for an order."""
    also: tuple[tuple[tuple[Any, ...], ...], ...] = ()
    """Other results that answer the question as well."""


_GOLDEN = TypeAdapter(tuple[Golden, ...])


def load_golden(suite: str) -> tuple[Golden, ...]:
    """The questions of agent/evals/*suite*.json. Raises FileNotFoundError for a suite that is not there."""
    return _GOLDEN.validate_json((resources.files("agent") / "evals" / f"{suite}.json").read_bytes())
