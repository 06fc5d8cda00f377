"""The gate: proves that a text is one GoogleSQL read of granted tables by granted functions, or says why not.

It judges text only: no network, no schema. What a view hides, what a statement costs and whether BigQuery agrees is
the dry run's part (`agent.query`). Deny by default: what no rule here knows is refused.
"""

import re
from collections.abc import Set
from typing import Final

from google.protobuf.message import DecodeError, Message

from agent.sql.googlesql.engine import Engine, EngineError, EngineTrap
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules, judge_read
from agent.sql.second_opinion import second_opinion
from agent.sql.syntax_tree import Path, read_tree
from agent.sql.verdict import Finding, Verdict, ask, deny, note, reach_verdict

MAX_SQL_BYTES: Final = 64 * 1024
# Wherever it stands: which comment is the first one is BigQuery's to say, and nobody needs this one.
_LEGACY_PREFIX: Final = re.compile(r"#\s*legacysql", re.IGNORECASE)
_READ: Final = "ast_query_statement_node"
_DDL: Final = "ast_ddl_statement_node"


class Gate:
    """Judges statements on the engine's own thread, one at a time."""

    def __init__(self, engine: EngineThread, rules: GateRules) -> None:
        self._engine = engine
        self._rules = rules
        self._builtins: frozenset[str] | None = None

    async def check(self, sql: str) -> Verdict:
        """The verdict on exactly these bytes. Never raises for what *sql* holds."""
        if refused := _refuse_text(sql):
            return reach_verdict(sql, [refused])
        try:
            return await self._engine.run(lambda engine: self._judge(engine, sql))
        except EngineTrap as trap:
            return reach_verdict(sql, [deny("deny.too_complex", detail=trap.reason)])
        except DecodeError:
            return reach_verdict(sql, [deny("deny.too_complex", detail="nesting")])

    def _judge(self, engine: Engine, sql: str) -> Verdict:
        try:
            statement = engine.parse(sql).parsed_statement
        except EngineError as error:
            return self._judge_script(engine, sql, error)
        if statement.WhichOneof("node") != _READ:
            kind = _statement_type(statement)
            return reach_verdict(sql, [deny("deny.not_a_read", kind=kind)], statement_type=kind)
        return self._judge_read(engine, sql, statement, sql)

    def _judge_script(self, engine: Engine, sql: str, error: EngineError) -> Verdict:
        """Perhaps temporary functions and the read that uses them: the one script that BigQuery calls a SELECT."""
        try:
            script = engine.parse(sql, script=True).parsed_script
        except EngineError:
            # The first error is about the text as a single statement: that is what its writer meant to write.
            return reach_verdict(sql, [deny("deny.syntax", detail=error.message)], syntax_error=error.message)
        statements = script.statement_list_node.statement_list
        kinds = [item.WhichOneof("node") for item in statements]
        if not kinds:
            return reach_verdict(sql, [deny("deny.syntax", detail=error.message)], syntax_error=error.message)
        if len(kinds) < 2 or kinds[-1] != _READ or any(kind != _DDL for kind in kinds[:-1]):
            return reach_verdict(sql, [deny("deny.script", statements=len(kinds))], statement_type="SCRIPT")
        # The engine names no tables of a script: those of the read are asked for alone, the bodies' are in the tree.
        place = statements[-1].ast_query_statement_node.parent.parent.parse_location_range
        read = sql.encode()[place.start : place.end].decode()
        return self._judge_read(engine, sql, script, read)

    def _judge_read(self, engine: Engine, sql: str, tree: Message, read: str) -> Verdict:
        """*tree* is all of *sql*; *read* is the part of it that selects."""
        facts = read_tree(tree)
        try:
            paths = engine.table_names(read)
        except EngineError as error:
            return reach_verdict(sql, [deny("deny.syntax", detail=error.message)], syntax_error=error.message)
        if self._builtins is None:
            self._builtins = engine.builtin_functions()
        findings, tables = judge_read(facts, paths, self._rules, self._builtins)
        if read is not sql:
            findings.append(ask("approval.temp_function"))
        if not any(finding.weight == "deny" for finding in findings):
            findings += _compare_opinions(sql, {*paths, *facts.blind_table_paths}, facts.created_functions)
        return reach_verdict(sql, findings, tables=tables, statement_type="SELECT")


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


def _compare_opinions(sql: str, paths: Set[Path], created_functions: int) -> list[Finding]:
    """Two parsers that share no code: where sqlglot contradicts, a person looks; where it cannot read, it is noted."""
    opinion = second_opinion(sql)
    if opinion is None:
        return [note("note.no_second_opinion")]
    if created_functions:
        return []  # asked about anyway
    findings: list[Finding] = []
    if opinion.statements != 1:
        findings.append(ask("approval.second_opinion_statements", count=opinion.statements))
    if opinion.foreign:
        findings.append(ask("approval.second_opinion_write", kind=opinion.foreign.upper()))
    known = {".".join(path) for path in paths}
    findings += [ask("approval.second_opinion_table", table=table) for table in sorted(opinion.tables - known)]
    return findings


def _statement_type(statement: Message) -> str:
    """`ast_drop_statement_node`, however deep its wrappers, as DROP."""
    kind = ""
    node = statement
    while node.DESCRIPTOR.name.startswith("Any") and (inner := node.WhichOneof("node")):
        kind, node = inner, getattr(node, inner)
    return kind.removeprefix("ast_").removesuffix("_node").removesuffix("_statement").replace("_", " ").upper()
