"""Where columns come from and go to, by the ids that Google's analyzer gives them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.sql.column_use import Source
from agent.sql.resolved_tree import Access


class UnreadableTree(Exception):
    """The tree holds something whose columns cannot be followed."""


@dataclass(slots=True)
class ColumnFlow:
    """Filled while a tree is read, asked afterwards."""

    scanned: dict[int, Source] = field(default_factory=dict[int, Source])
    moves: defaultdict[int, set[Access]] = field(default_factory=lambda: defaultdict(set))
    """What a column holds as it is."""
    defined_by: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """What a column is computed from."""
    uses: set[Access] = field(default_factory=set[Access])
    """What is looked at, whatever becomes of it."""

    def move(self, targets: list[int], origins: list[int]) -> None:
        """*targets* hold what *origins* hold, one by one. Raises UnreadableTree where they do not pair."""
        if len(targets) != len(origins):
            raise UnreadableTree("columns that do not pair")
        for column, origin in zip(targets, origins, strict=True):
            self.moves[column].add((origin, ()))

    def use(self, columns: Iterable[int]) -> None:
        self.uses.update((column, ()) for column in columns)

    @property
    def used(self) -> frozenset[Source]:
        return frozenset(source for access in self.uses for source in self.sources_of(access))

    def sources_of(self, access: Access) -> frozenset[Source]:
        """Where the value of *access* lies in the tables; empty where it is computed."""
        found: set[Source] = set()
        seen: set[Access] = set()
        waiting = [access]
        while waiting:
            column, path = waiting.pop()
            if (column, path) in seen:
                continue
            seen.add((column, path))
            if (source := self.scanned.get(column)) is not None:
                found.add(Source(source.table, source.path + path))
            waiting += [(origin, inner + path) for origin, inner in self.moves.get(column, ())]
        return frozenset(found)

    def ingredients_of(self, column: int) -> frozenset[Source]:
        """What a column's values depend on; everything that is scanned where that is not known."""
        found: set[Source] = set()
        seen: set[int] = set()
        waiting = [column]
        while waiting:
            this = waiting.pop()
            if this in seen:
                continue
            seen.add(this)
            if this in self.scanned:
                found.add(self.scanned[this])
            elif this in self.moves or this in self.defined_by:
                waiting += [origin for origin, _ in self.moves.get(this, ())]
                waiting += self.defined_by.get(this, ())
            else:
                found.update(self.scanned.values())
        return frozenset(found)
