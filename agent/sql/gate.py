"""The gate: proves that a text is one GoogleSQL read of granted tables by granted functions, or says why not.

It judges text only: no network, no schema. What a view hides, what a statement costs and whether BigQuery agrees is
the dry run's part (`agent.query`). Deny by default: what no rule here knows is refused. Without Google's engine there
is no proof, and nothing runs that a person has not looked at.
"""

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from google.protobuf.message import DecodeError

from agent.sql.googlesql.errors import EngineTrap, EngineUnavailable
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules, ReadRights
from agent.sql.unproven import judge_unproven
from agent.sql.verdict import Finding, Verdict, deny, reach_verdict

if TYPE_CHECKING:
    from agent.sql.googlesql.engine import Engine

MAX_SQL_BYTES: Final = 64 * 1024
# Wherever it stands: which comment is the first one is BigQuery's to say, and nobody needs this one.
_LEGACY_PREFIX: Final = re.compile(r"#\s*legacysql", re.IGNORECASE)


class Gate:
    """Judges statements on the engine's own thread, one at a time."""

    def __init__(self, engine: EngineThread, rules: GateRules) -> None:
        self._engine = engine
        self._rules = rules
        self._builtins: frozenset[str] | None = None

    async def check(self, sql: str, rights: ReadRights | None = None) -> Verdict:
        """The verdict on exactly these bytes, for *rights* or those of the gate. Never raises for what *sql* holds."""
        rules = self._rules if rights is None else replace(self._rules, rights=rights)
        if refused := _refuse_text(sql):
            return reach_verdict(sql, [refused])
        try:
            return await self._engine.run(lambda engine: self._prove(engine, sql, rules))
        except EngineUnavailable:
            return await asyncio.to_thread(judge_unproven, sql, rules)
        except EngineTrap as trap:
            return reach_verdict(sql, [deny("deny.too_complex", detail=trap.reason)])
        except DecodeError:
            return reach_verdict(sql, [deny("deny.too_complex", detail="nesting")])

    def _prove(self, engine: "Engine", sql: str, rules: GateRules) -> Verdict:
        from agent.sql.proof import prove  # noqa: PLC0415 - it needs the engine's packages, which may be missing

        if self._builtins is None:
            self._builtins = engine.builtin_functions()
        return prove(engine, sql, rules, self._builtins)


def _refuse_text(sql: str) -> Finding | None:
    """What need not be parsed to be refused. It also keeps the engine from text that it might read otherwise."""
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:  # a lone surrogate: the bytes that would run are not the text that was checked
        return deny("deny.not_text")
    if "\0" in sql:
        return deny("deny.not_text")
    if size > MAX_SQL_BYTES:
        return deny("deny.too_long", size=size, limit=MAX_SQL_BYTES)
    if _LEGACY_PREFIX.search(sql):
        return deny("deny.legacy_sql")
    return None
