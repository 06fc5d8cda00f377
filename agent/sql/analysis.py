"""A dry run without a network: Google's own engine analyses a draft against the tables that the catalogue describes.

It advises whoever writes SQL, and never has the last word: the catalogue may be ten minutes old, and there are tables,
views and functions that only BigQuery knows. What it cannot judge it says nothing about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from agent.bigquery.warehouse import TableInfo
from agent.sql.googlesql.errors import EngineTrap, EngineUnavailable
from agent.sql.googlesql.thread import EngineThread

if TYPE_CHECKING:
    from agent.sql.googlesql.engine import Engine


@dataclass(frozen=True, slots=True)
class Analysed:
    """What is wrong with a statement, in the engine's own words."""

    error: str
    is_syntax: bool = False
    """Not GoogleSQL at all; else a name, a type or a GROUP BY."""
    missing_table: str = ""
    """As written, where a table is what was not found."""


class OfflineAnalysis:
    """On the engine's own thread, one statement at a time; about 25 ms each."""

    def __init__(self, engine: EngineThread, default_project: str) -> None:
        self._engine = engine
        self._default_project = default_project

    async def problem(self, sql: str, tables: Sequence[TableInfo]) -> Analysed | None:
        """None where the engine agrees, or cannot judge. Never raises for what *sql* holds."""
        try:
            return await self._engine.run(lambda engine: self._analyse(engine, sql, tables))
        except (EngineUnavailable, EngineTrap, DecodeError, UnicodeEncodeError):  # the gate has words for these
            return None

    def _analyse(self, engine: "Engine", sql: str, tables: Sequence[TableInfo]) -> Analysed | None:
        from agent.sql.analyse import analyse  # noqa: PLC0415 - it needs the engine's packages, which may be missing

        return analyse(engine, sql, tables, self._default_project)
