"""What a policy says, as values: grants, each to somebody for something, and tags on columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Literal

from agent.policy.patterns import ColumnPath, ColumnPattern, TablePattern
from agent.sql.names import TableName

UNLISTED: Final = "unlisted"
"""The tag of a column that BigQuery tags and no tag of the policy claims."""


class Treatment(IntEnum):
    """What becomes of a column, the stricter the higher."""

    SHOW = 0
    MASK = 1
    """Its values are hidden where it is selected as it is; used in any other way it is refused."""
    REFUSE = 2


@dataclass(frozen=True, slots=True)
class Selector:
    """Whom a grant is for, or where it holds."""

    kind: Literal["everyone", "user", "group", "channel", "channels", "dm"]
    name: str = ""
    """An id, or the handle or name without `@` and `#`."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Opening:
    """Tables that a grant opens, and which of their columns."""

    tables: TablePattern
    columns: frozenset[str] | None = None
    """Lower case; None: all."""
    hidden: frozenset[str] = frozenset()
    """Lower case; these not."""

    def opens(self, column: str) -> bool:
        return column not in self.hidden and (self.columns is None or column in self.columns)

    @property
    def is_whole(self) -> bool:
        return self.tables.is_whole_dataset and self.columns is None and not self.hidden


@dataclass(frozen=True, slots=True)
class Tag:
    """Columns that are one kind of sensitive: by name here, by policy tag in BigQuery."""

    name: str
    columns: tuple[ColumnPattern, ...] = ()
    policy_tags: tuple[str, ...] = ()
    """Resource names, a `*` at the end for many."""


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """Compared by identity: a policy is read once, and each of its grants is itself."""

    to: tuple[Selector, ...]
    opens: tuple[Opening, ...] = ()
    places: tuple[Selector, ...] = ()
    """Where it holds: `dm`, `channels`, a channel. Empty: everywhere."""
    leaves_out: tuple[TablePattern, ...] = ()
    tags: Mapping[str, Treatment] = field(default_factory=dict[str, Treatment])
    """How columns of a tag are treated; a tag that is not here is refused."""
    routines: tuple[TablePattern, ...] = ()
    views: tuple[TablePattern, ...] = ()
    """Views that answer for what they read: their text may name what the reader may not."""
    metadata: bool = False
    """Whether INFORMATION_SCHEMA of its datasets and projects may be read, once a person has said yes."""
    external: bool = False
    """Whether the channels that it names may hold guests and other companies' people."""

    def covers(self, table: TableName) -> bool:
        if table.is_metadata:
            return self.metadata and any(_covers_metadata(opening, table) for opening in self.opens)
        return any(opening.tables.covers(table) for opening in self.opens) and not self._leaves_out(table)

    def treatment(self, table: TableName, path: ColumnPath, tags: frozenset[str]) -> Treatment:
        """Of a column or field of *table*. REFUSE where this grant does not open it."""
        if not self.covers(table):
            return Treatment.REFUSE
        if not any(opening.tables.covers(table) and opening.opens(path[0]) for opening in self.opens):
            return Treatment.REFUSE
        return max((self.tags.get(tag, Treatment.REFUSE) for tag in tags), default=Treatment.SHOW)

    def may_call(self, routine: TableName) -> bool:
        return any(pattern.covers(routine) for pattern in self.routines)

    def vouches_for(self, view: TableName) -> bool:
        return any(pattern.covers(view) for pattern in self.views) and not self._leaves_out(view)

    def _leaves_out(self, table: TableName) -> bool:
        return any(pattern.touches(table) for pattern in self.leaves_out)


def _covers_metadata(opening: Opening, table: TableName) -> bool:
    """Metadata names every table and column of a dataset: who may read part of it may not read that."""
    if not opening.is_whole or opening.tables.project != table.project:
        return False
    return not table.dataset or opening.tables.dataset == table.dataset


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Who may read what. Nothing that it does not grant is granted."""

    grants: tuple[Grant, ...]
    tags: tuple[Tag, ...] = ()
    largest_channel: int = 100
    """Members; in a channel of more, only what is given to the channel itself and to everyone holds."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """`project.dataset` of all that anybody may read, sorted."""
        opened = {opening.tables for grant in self.grants for opening in grant.opens}
        return tuple(sorted({f"{tables.project}.{tables.dataset}" for tables in opened}))

    def tags_of(self, table: TableName, path: ColumnPath, policy_tags: tuple[str, ...] = ()) -> frozenset[str]:
        """*policy_tags* are BigQuery's, of the column that *path* begins with."""
        claimed = {tag.name for tag in self.tags if any(column.matches(table, path) for column in tag.columns)}
        for policy_tag in policy_tags:
            owners = {tag.name for tag in self.tags if _claims(tag, policy_tag)}
            claimed |= owners or {UNLISTED}
        return frozenset(claimed)


def _claims(tag: Tag, policy_tag: str) -> bool:
    return any(
        policy_tag.startswith(pattern[:-1]) if pattern.endswith("*") else policy_tag == pattern
        for pattern in tag.policy_tags
    )


def datasets_for_everyone(datasets: frozenset[tuple[str, str]]) -> AccessPolicy:
    """Without a policy file: every full member may read *datasets* (project, dataset) except for tagged columns."""
    opens = tuple(Opening(TablePattern(project, dataset)) for project, dataset in sorted(datasets))
    return AccessPolicy((Grant((Selector("everyone"),), opens, metadata=True),))
