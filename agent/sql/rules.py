"""The gate's rules on a statement that the engine has read: a pure function from what it contains to findings."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from agent.sql.constructs import ASK_FIRST, READ_ONLY, TEMP_FUNCTION, WRITES, construct_name
from agent.sql.functions import is_builtin_table_function, judge_function
from agent.sql.names import TableName, UnreadableName, read_table_name, split_path
from agent.sql.tree_facts import Path, TreeFacts
from agent.sql.verdict import Finding, ask, deny

_BROADEST_WILDCARD: Final = "*"


class ReadRights(Protocol):
    def may_read(self, table: TableName) -> bool:
        """For metadata with an empty dataset: whether anything in its project may be read."""
        ...

    def may_call(self, routine: TableName) -> bool:
        """Whether a stored function may be called: whoever grants it answers for what it reads and calls."""
        ...


@dataclass(frozen=True, slots=True)
class GateRules:
    rights: ReadRights
    default_project: str
    default_dataset: str | None = None
    """Of unqualified names. None, as in production: BigQuery would not know them either."""


def judge_read(
    facts: TreeFacts, paths: Sequence[Path], rules: GateRules, builtins: frozenset[str]
) -> tuple[list[Finding], tuple[TableName, ...]]:
    """*paths* are the table names by the engine's own account. Returns findings and the tables that are read."""
    blind = {path for path in facts.blind_table_paths if not _is_with_name(path, facts)}
    tables: set[TableName] = set()
    findings = [
        *_judge_constructs(facts),
        *(finding for path in facts.functions if (finding := _judge_call(path, facts, rules, builtins))),
        *_judge_table_functions(facts, rules),
        *_judge_models(facts, rules),
        *_judge_tables(sorted({*paths, *blind}), rules, tables),
        *_judge_unexplained(facts, frozenset(paths)),
        *_judge_products(facts, frozenset(paths)),
        *_judge_bare_from(facts),
    ]
    return findings, tuple(sorted(tables))


def _judge_constructs(facts: TreeFacts) -> Generator[Finding]:
    if facts.is_recursive:
        yield ask("approval.recursive")
    if facts.has_foreign_code:
        yield deny("deny.foreign_code")
    if facts.has_persistent_function:
        yield deny("deny.persistent_function")
    for name in sorted(facts.constructs & WRITES.keys()):
        yield deny("deny.write_operator", operator=WRITES[name])
    for name in sorted(facts.hollow):
        yield deny("deny.construct", construct=construct_name(name))
    known = READ_ONLY | TEMP_FUNCTION if facts.created_functions else READ_ONLY
    for name in sorted(facts.constructs):
        if name in ASK_FIRST:
            yield ask("approval.construct", construct=ASK_FIRST[name])
        elif name not in known and name not in WRITES:
            yield deny("deny.construct", construct=construct_name(name))


def _judge_call(path: Path, facts: TreeFacts, rules: GateRules, builtins: frozenset[str]) -> Finding | None:
    finding = judge_function(path, builtins, frozenset(facts.temporary_functions))
    if finding and finding.reason.code == "deny.routine" and _may_call(path, rules):
        return None
    return finding


def _may_call(path: Path, rules: GateRules) -> bool:
    try:
        return rules.rights.may_call(read_table_name(path, rules.default_project))
    except UnreadableName:
        return False


def _judge_table_functions(facts: TreeFacts, rules: GateRules) -> Generator[Finding]:
    for path in sorted(facts.table_functions):
        yield ask("approval.table_function", name=".".join(path))
        if not is_builtin_table_function(path):
            yield from judge_name(path, rules, set())


def _judge_models(facts: TreeFacts, rules: GateRules) -> Generator[Finding]:
    for path in sorted(facts.models):
        yield from judge_name(path, rules, set())


def _judge_tables(paths: Sequence[Path], rules: GateRules, tables: set[TableName]) -> Generator[Finding]:
    for path in paths:
        yield from judge_name(path, rules, tables)


def judge_name(path: Path, rules: GateRules, tables: set[TableName]) -> Generator[Finding]:
    """Notes the table that *path* names in *tables*, and what reading it means."""
    try:
        name = read_table_name(path, rules.default_project, rules.default_dataset)
    except UnreadableName as error:
        yield deny("deny.table_name", table=str(error))
        return
    tables.add(name)
    if not rules.rights.may_read(name):
        yield deny("deny.table", table=str(name))
    elif name.is_metadata:
        yield ask("approval.metadata", table=str(name))
    elif name.table == _BROADEST_WILDCARD:
        yield ask("approval.wildcard", table=str(name))


def _judge_unexplained(facts: TreeFacts, paths: frozenset[Path]) -> Generator[Finding]:
    """Every path in a FROM is a table the engine named, a WITH's name, or an array of something named before.

    The net below the engine's own account, should it be blind somewhere that nobody knows of yet.
    """
    called = facts.with_names | facts.aliases | {path[-1].split(".")[-1].lower() for path in facts.table_paths}
    for path in sorted(facts.table_paths - paths):
        if _is_with_name(path, facts) or (len(path) > 1 and path[0].lower() in called):
            continue
        yield deny("deny.table_name", table=".".join(path))


def _judge_products(facts: TreeFacts, paths: frozenset[Path]) -> Generator[Finding]:
    """Tables multiplied with nothing that ties them read few bytes and run for hours."""
    for left, right in facts.products:
        if paths.intersection(left) and paths.intersection(right):
            yield ask("approval.cross_join")


def _judge_bare_from(facts: TreeFacts) -> Generator[Finding]:
    """A FROM alone asks for all of its tables: an unfinished statement more often than a question."""
    if facts.is_bare or any(not _is_with_name(path, facts) for path in facts.bare_subqueries):
        yield ask("approval.bare_from")


def _is_with_name(path: Path, facts: TreeFacts) -> bool:
    return len(split_path(path)) == 1 and path[0].lower() in facts.with_names
