"""What the gate says of a statement's text, before anybody asks what it costs."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.notice import Notice
from agent.sql.names import TableName

GateDecision: TypeAlias = Literal["allow", "approval", "deny"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the gate noticed. A `note` changes nothing."""

    weight: Literal["note", "approval", "deny"]
    reason: Notice


def note(code: str, **params: str | int) -> Finding:
    return Finding("note", Notice(code, params))


def ask(code: str, **params: str | int) -> Finding:
    return Finding("approval", Notice(code, params))


def deny(code: str, **params: str | int) -> Finding:
    return Finding("deny", Notice(code, params))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's decision on exactly `sql`, with everything it noticed, gravest first."""

    sql: str
    decision: GateDecision
    reasons: tuple[Notice, ...]
    tables: tuple[TableName, ...] = ()
    """What the statement reads, by its own text: views are not looked through, that is the dry run's part."""
    statement_type: str = ""
    """SELECT for a single read, else the engine's name for what it is; empty when it is not SQL."""
    syntax_error: str | None = None
    """The engine's own words when the text is not GoogleSQL: worth a second try by whoever wrote it."""


_GRAVITY = {"deny": 0, "approval": 1, "note": 2}


def reach_verdict(
    sql: str,
    findings: list[Finding],
    *,
    tables: tuple[TableName, ...] = (),
    statement_type: str = "",
    syntax_error: str | None = None,
) -> Verdict:
    ordered = sorted(findings, key=lambda finding: _GRAVITY[finding.weight])
    gravest = ordered[0].weight if ordered else "note"
    reasons = tuple(dict.fromkeys(_Hashable(finding.reason) for finding in ordered))
    return Verdict(
        sql=sql,
        decision="allow" if gravest == "note" else gravest,
        reasons=tuple(item.notice for item in reasons),
        tables=tables,
        statement_type=statement_type,
        syntax_error=syntax_error,
    )


class _Hashable:
    """A notice by its content, so that one sentence is said once."""

    def __init__(self, notice: Notice) -> None:
        self.notice = notice
        self._key = (notice.code, tuple(sorted(notice.params.items())))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)
