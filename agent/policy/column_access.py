"""What becomes of a statement by the columns that it reads: pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.notice import Notice
from agent.policy.decision import Allow, Decision, Deny
from agent.policy.described import Described
from agent.policy.grants import Treatment
from agent.policy.rights import Rights
from agent.sql.column_use import ColumnUse, Source
from agent.turn import Column


@dataclass(frozen=True, slots=True)
class AccessRuling:
    """What access says of one statement and one set of rights."""

    decision: Decision
    masked: tuple[int, ...] = ()
    """Places, in the result, of the columns whose values are hidden."""
    holds_tagged: bool = False
    """A column that carries a tag was read: no row of it goes to a model, whoever may see it."""


def judge_columns(
    use: ColumnUse | None, guarded: Iterable[str], described: Described, rights: Rights, schema: tuple[Column, ...]
) -> AccessRuling:
    """*guarded* are those of its tables whose columns are looked at; *use* is None where nobody knows what it does.

    *schema* is BigQuery's own account of the result. Where it differs from the catalog's, the catalog is old, and what
    a `SELECT *` shows is not known either.
    """
    if use is None or not _agrees(use, schema):
        return AccessRuling(Deny(tuple(Notice("deny.columns_unknown", {"table": table}) for table in guarded)))
    reasons = [*_refused(use, described, rights), *_misused(use, described, rights)]
    masked = tuple(
        at
        for at, output in enumerate(use.outputs)
        if any(described.treatment(source, rights) is Treatment.MASK for source in output.plain)
    )
    holds_tagged = any(described.is_tagged(source, rights) for source in use.touched)
    return AccessRuling(Deny(tuple(reasons)) if reasons else Allow(), masked, holds_tagged)


def _refused(use: ColumnUse, described: Described, rights: Rights) -> list[Notice]:
    return [
        Notice("deny.column", {"column": _spelled(source)})
        for source in sorted(use.touched)
        if described.treatment(source, rights) is Treatment.REFUSE
    ]


def _misused(use: ColumnUse, described: Described, rights: Rights) -> list[Notice]:
    """A hidden value may not be asked about either: a filter tells it letter by letter."""
    asked_about = use.touched if use.is_value_table else use.used
    return [
        Notice("deny.column_masked", {"column": _spelled(source)})
        for source in sorted(asked_about)
        if described.treatment(source, rights) is Treatment.MASK
    ]


def _agrees(use: ColumnUse, schema: tuple[Column, ...]) -> bool:
    if use.is_value_table:
        return True  # its one value is spread out, and nothing of it is masked
    if len(use.outputs) != len(schema):
        return False
    return all(
        output.name.startswith("$") or output.name == column.name.lower()
        for output, column in zip(use.outputs, schema, strict=True)
    )


def _spelled(source: Source) -> str:
    return ".".join((source.table, *source.path))
