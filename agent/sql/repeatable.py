"""Whether a statement says the same whenever it is run over the same tables, by its syntax tree.

Deny by default: what no rule here knows is taken to change by itself.
"""

from typing import TYPE_CHECKING, Final

from google.protobuf.message import DecodeError

from agent.sql.constructs import READ_ONLY
from agent.sql.functions import ASK_FAMILIES, ASK_FUNCTIONS, BIGQUERY_ONLY
from agent.sql.googlesql.errors import EngineError, EngineTrap, EngineUnavailable
from agent.sql.googlesql.thread import EngineThread
from agent.sql.names import TableName, UnreadableName, read_table_name
from agent.sql.tree_facts import Path

if TYPE_CHECKING:
    from agent.sql.googlesql.engine import Engine

# Clocks, dice, who asks, and what a model or a corpus somewhere else says today.
_CHANGES_BY_ITSELF_WORDS: Final = """
    current_date current_datetime current_time current_timestamp generate_uuid new_uuid rand session_user
    bag_of_words tf_idf text_analyze search
"""
_CHANGES_BY_ITSELF: Final = frozenset(_CHANGES_BY_ITSELF_WORDS.split())
# A sample is drawn anew each time; a moment that one travels to moves out of BigQuery's reach.
_CONSTRUCTS: Final = READ_ONLY - {"ASTSampleClauseProto", "ASTForSystemTimeProto"}


class RepeatableReader:
    """Reads on the engine's own thread, one statement at a time."""

    def __init__(self, engine: EngineThread, default_project: str) -> None:
        self._engine = engine
        self._default_project = default_project
        self._builtins: frozenset[str] | None = None

    async def tables(self, sql: str) -> frozenset[TableName] | None:
        """What *sql* names, views not looked through. None where it may change by itself, or nobody can tell."""
        try:
            return await self._engine.run(lambda engine: self._read(engine, sql))
        except (EngineError, EngineTrap, EngineUnavailable, UnreadableName, DecodeError, UnicodeEncodeError):
            return None

    def _read(self, engine: "Engine", sql: str) -> frozenset[TableName] | None:
        from agent.sql.syntax_tree import read_tree  # noqa: PLC0415 - the engine's packages may be missing

        if self._builtins is None:
            self._builtins = engine.builtin_functions()
        facts = read_tree(engine.parse(sql).parsed_statement)  # a script is not parsed: it may define functions
        if facts.hollow or facts.table_functions or facts.models or facts.constructs - _CONSTRUCTS:
            return None
        if not all(_is_repeatable(path, self._builtins) for path in facts.functions):
            return None
        paths = {*engine.table_names(sql), *facts.blind_table_paths}
        tables = frozenset(read_table_name(path, self._default_project) for path in paths)
        return None if any(table.is_metadata or table.is_wildcard for table in tables) else tables


def _is_repeatable(path: Path, builtins: frozenset[str]) -> bool:
    name = ".".join(path).lower().removeprefix("safe.")
    if name in _CHANGES_BY_ITSELF or name in ASK_FUNCTIONS or name.partition(".")[0] in ASK_FAMILIES:
        return False
    return name in BIGQUERY_ONLY or (name in builtins and not name.startswith("$"))
