"""Date shards: `events_20251201`, `events_20251202`, ... are one table to a person, and `events_*` to BigQuery."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SHARD: Final = re.compile(r"^(?P<prefix>.+?)(?P<day>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))$")


@dataclass(frozen=True, slots=True)
class TableFamily:
    """One table, or all daily shards of one name."""

    name: str
    """The table's id; `prefix*` for shards."""
    newest: str
    """The table whose columns stand for the family's."""
    days: tuple[str, ...] = ()
    """The shards' suffixes, `YYYYMMDD`, oldest first; empty for a single table."""


def fold_shards(table_ids: Iterable[str]) -> tuple[TableFamily, ...]:
    """Families by name. A lone table that ends like a date (`backup_20240101`) stays what it is."""
    singles: list[str] = []
    shards: dict[str, list[str]] = defaultdict(list)
    for table_id in table_ids:
        if match := _SHARD.match(table_id):
            shards[match["prefix"]].append(match["day"])
        else:
            singles.append(table_id)
    families = [TableFamily(table_id, table_id) for table_id in singles]
    for prefix, days in shards.items():
        days.sort()
        if len(days) == 1:
            families.append(TableFamily(prefix + days[0], prefix + days[0]))
        else:
            families.append(TableFamily(f"{prefix}*", prefix + days[-1], tuple(days)))
    return tuple(sorted(families, key=lambda family: family.name))
