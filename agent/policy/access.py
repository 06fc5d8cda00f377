"""Which tables and stored functions may be read and called, by rights of any kind: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from agent.notice import Notice
from agent.policy.decision import Allow, Decision, Deny
from agent.sql.names import TableName, UnreadableName, read_table_name, split_path
from agent.sql.rules import ReadRights


class UnreadableGrant(ValueError):
    """An entry of the dataset allowlist is neither `dataset` nor `project.dataset`."""


class NoRights:
    """Of nobody: what a gate holds that is told, with every statement, whose rights count."""

    def may_read(self, table: TableName) -> bool:
        return False

    def may_call(self, routine: TableName) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class DatasetAllowlist:
    """Names are compared as BigQuery does: case counts."""

    datasets: frozenset[tuple[str, str]]
    """(project, dataset)."""
    routines: frozenset[tuple[str, str]] = frozenset()
    """(project, dataset) of the stored functions that may be called: none, unless somebody grants them."""

    @classmethod
    def parse(cls, entries: Iterable[str], default_project: str) -> Self:
        """*entries* are `dataset` or `project.dataset`. Raises UnreadableGrant, which names the entry."""
        return cls(frozenset(_read_grant(entry.strip(), default_project) for entry in entries))

    def may_read(self, table: TableName) -> bool:
        if not table.dataset:  # metadata of a project or region
            return table.is_metadata and any(project == table.project for project, _ in self.datasets)
        return (table.project, table.dataset) in self.datasets

    def may_call(self, routine: TableName) -> bool:
        return (routine.project, routine.dataset) in self.routines


def judge_access(tables: Iterable[str], rights: ReadRights, default_project: str) -> Decision:
    """*tables* are `project.dataset.table` as a dry run names them."""
    reasons = tuple(
        Notice("deny.table", {"table": table})
        for table in sorted(set(tables))
        if not _may_read(table, rights, default_project)
    )
    return Deny(reasons) if reasons else Allow()


def judge_routines(routines: Iterable[str], rights: ReadRights, default_project: str) -> Decision:
    """*routines* are `project.dataset.routine` as a dry run names them."""
    reasons = tuple(
        Notice("deny.routine", {"name": name})
        for name in sorted(set(routines))
        if not _may_call(name, rights, default_project)
    )
    return Deny(reasons) if reasons else Allow()


def _may_call(routine: str, rights: ReadRights, default_project: str) -> bool:
    try:
        return rights.may_call(read_table_name((routine,), default_project))
    except UnreadableName:
        return False


def _may_read(table: str, rights: ReadRights, default_project: str) -> bool:
    try:
        return rights.may_read(read_table_name((table,), default_project))
    except UnreadableName:
        return False


def _read_grant(entry: str, default_project: str) -> tuple[str, str]:
    match split_path((entry,)):
        case [dataset] if dataset and "*" not in dataset:
            return default_project, dataset
        case [project, dataset] if project and dataset and "*" not in entry:
            return project, dataset
        case _:
            raise UnreadableGrant(f"{entry!r} is neither `dataset` nor `project.dataset`")
