"""What a table of the local BigQuery is: columns in GoogleSQL's type names, rows as plain Python values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Row: TypeAlias = Mapping[str, object]
"""Column name to value; TIMESTAMP and DATE are ISO 8601 text, ARRAY a list, STRUCT a dict."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    name: str
    type: str
    """`STRING`, `INT64`, `ARRAY<STRUCT<key STRING, value INT64>>`, ..."""
    description: str = ""
    is_personal: bool = False
    """Carries the policy tag for personal data."""


@dataclass(frozen=True, slots=True)
class TableSpec:
    dataset: str
    name: str
    columns: tuple[ColumnSpec, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class LocalTable:
    spec: TableSpec
    rows: Sequence[Row]
    modified_ms: int
    """Milliseconds since 1970, as `lastModifiedTime` has them."""


@dataclass(frozen=True, slots=True)
class ViewSpec:
    dataset: str
    name: str
    query: str
    """A SELECT; tables without a project are the local one's."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that one local BigQuery serves."""

    id: str
    location: str
    datasets: tuple[DatasetSpec, ...]
    tables: tuple[LocalTable, ...]
    policy_tag: str
    """Resource name of the tag that personal columns carry."""
    views: tuple[ViewSpec, ...] = ()
    """Those that are there from the start."""
