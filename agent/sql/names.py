"""Table names as statements spell them, and as BigQuery understands them: case-sensitive, `project.dataset.table`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_METADATA_SCHEMA: Final = "INFORMATION_SCHEMA"
_METADATA_TABLES: Final = ("__TABLES", "__PARTITIONS_SUMMARY__")
_REGION: Final = "region-"


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table, view, model or routine. `dataset` is empty for what a whole project's or region's metadata shows."""

    project: str
    dataset: str
    table: str
    is_metadata: bool = False

    def __str__(self) -> str:
        return ".".join(part for part in (self.project, self.dataset, self.table) if part)

    @property
    def is_wildcard(self) -> bool:
        return self.table.endswith("*")


class UnreadableName(ValueError):
    """The path names no table that can be judged: no dataset, too many parts, an empty part, a wildcard elsewhere."""


def read_table_name(path: Sequence[str], default_project: str, default_dataset: str | None = None) -> TableName:
    """The table that *path* names. One segment may hold several parts: `` `p.d.t` `` is one. Raises UnreadableName."""
    parts = split_path(path)
    if not all(parts):
        raise UnreadableName(".".join(path))
    if metadata := _metadata_name(parts, default_project, default_dataset):
        return metadata
    match parts:
        case [table] if default_dataset is not None:
            name = TableName(default_project, default_dataset, _without_partition(table))
        case [dataset, table]:
            name = TableName(default_project, dataset, _without_partition(table))
        case [project, dataset, table]:
            name = TableName(project, dataset, _without_partition(table))
        case _:
            raise UnreadableName(".".join(path))
    if "*" in name.project or "*" in name.dataset or "*" in name.table[:-1]:
        raise UnreadableName(".".join(path))
    return name


def split_path(path: Sequence[str]) -> list[str]:
    """The dotted parts of *path*; a domain-scoped project (`example.com:proj`) is one part."""
    whole = ".".join(path)
    domain, colon, rest = whole.partition(":")
    if not colon:
        return whole.split(".")
    project, *others = rest.split(".")
    return [f"{domain}:{project}", *others]


def _metadata_name(parts: list[str], default_project: str, default_dataset: str | None) -> TableName | None:
    upper = [part.upper() for part in parts]
    if _METADATA_SCHEMA in upper:
        at = upper.index(_METADATA_SCHEMA)
        qualifier, rest = parts[:at], parts[at:]
    elif parts[-1].upper().startswith(_METADATA_TABLES):
        qualifier, rest = parts[:-1], parts[-1:]
        if not qualifier and default_dataset:
            qualifier = [default_dataset]
    else:
        return None
    match qualifier:
        case []:
            project, dataset = default_project, ""
        case [region] if region.lower().startswith(_REGION):
            project, dataset = default_project, ""
        case [dataset]:
            project = default_project
        case [project, region] if region.lower().startswith(_REGION):
            dataset = ""
        case [project, dataset]:
            pass
        case _:
            raise UnreadableName(".".join(parts))
    return TableName(project, dataset, ".".join(rest), is_metadata=True)


def _without_partition(table: str) -> str:
    """`orders$20250101` is a part of `orders`."""
    return table.split("$", 1)[0] or table
