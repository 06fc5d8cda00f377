"""What Google's engine proves of a statement: one read, of which tables, by which functions. Runs on its thread."""

from collections.abc import Set
from typing import Final

from google.protobuf.message import Message

from agent.sql.googlesql.engine import Engine
from agent.sql.googlesql.errors import EngineError
from agent.sql.rules import GateRules, judge_read
from agent.sql.second_opinion import second_opinion
from agent.sql.syntax_tree import read_tree
from agent.sql.tree_facts import Path
from agent.sql.verdict import Finding, Verdict, ask, deny, note, reach_verdict

_READ: Final = "ast_query_statement_node"
_DDL: Final = "ast_ddl_statement_node"


def prove(engine: Engine, sql: str, rules: GateRules, builtins: frozenset[str]) -> Verdict:
    """Raises EngineTrap, or protobuf's DecodeError for a tree too deep to be read."""
    try:
        statement = engine.parse(sql).parsed_statement
    except EngineError as error:
        return _prove_script(engine, sql, rules, builtins, error)
    if statement.WhichOneof("node") != _READ:
        kind = _statement_type(statement)
        return reach_verdict(sql, [deny("deny.not_a_read", kind=kind)], statement_type=kind)
    return _prove_read(engine, sql, rules, builtins, tree=statement, read=sql)


def _prove_script(engine: Engine, sql: str, rules: GateRules, builtins: frozenset[str], error: EngineError) -> Verdict:
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
    return _prove_read(engine, sql, rules, builtins, tree=script, read=read)


def _prove_read(
    engine: Engine, sql: str, rules: GateRules, builtins: frozenset[str], *, tree: Message, read: str
) -> Verdict:
    """*tree* is all of *sql*; *read* is the part of it that selects."""
    facts = read_tree(tree)
    try:
        paths = engine.table_names(read)
    except EngineError as error:
        return reach_verdict(sql, [deny("deny.syntax", detail=error.message)], syntax_error=error.message)
    findings, tables = judge_read(facts, paths, rules, builtins)
    if read is not sql:
        findings.append(ask("approval.temp_function"))
    if not any(finding.weight == "deny" for finding in findings):
        findings += _compare_opinions(sql, {*paths, *facts.blind_table_paths}, facts.created_functions)
    return reach_verdict(sql, findings, tables=tables, statement_type="SELECT")


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
