"""What carrying secrets over would change, told by fingerprints."""

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

_RUN: Final = os.urandom(16)
"""A fingerprint is good for one run: one that is kept in a log lets nobody try out guesses."""


class Change(NamedTuple):
    name: str
    old: str | None
    """None where it was not there."""
    new: str | None
    """"" unsets it; None: the source does not have it, and it stays as it is."""

    @property
    def is_one(self) -> bool:
        return self.new is not None and self.new != self.old

    def __repr__(self) -> str:  # the values are secrets: not in a traceback, not in a failed test's output
        return f"Change({self.name}, {self.line})"

    @property
    def line(self) -> str:
        match self.old, self.new:
            case None | "", None | "":
                return "not set"
            case str() as old, None:
                return f"left        {fingerprint(old)}"
            case str() as old, str() as new if old == new:
                return f"the same    {fingerprint(new)}"
            case str() as old, "":
                return f"unset       {fingerprint(old)} ▶"
            case None | "", str() as new:
                return f"new         ▶ {fingerprint(new)}"
            case str() as old, str() as new:
                return f"changed     {fingerprint(old)} ▶ {fingerprint(new)}"


def plan(
    source: Mapping[str, str],
    target: Mapping[str, str],
    names: Sequence[str],
    *,
    unset_too: bool,
    unset_is_empty: bool,
) -> list[Change]:
    """*unset_too*: what the source does not have is unset in the target, as an empty one when *unset_is_empty*."""
    return [
        Change(name, target.get(name), source.get(name) or _unset(target.get(name), unset_too, unset_is_empty))
        for name in names
    ]


def _unset(old: str | None, unset_too: bool, unset_is_empty: bool) -> str | None:
    return "" if unset_too and (old is not None or unset_is_empty) else None


def fingerprint(value: str) -> str:
    return hashlib.blake2b(value.encode(), key=_RUN, digest_size=3).hexdigest()


def first_of(found: Collection[Mapping[str, str]]) -> dict[str, str]:
    """The first store that has a secret says it; an empty one says nothing."""
    merged: dict[str, str] = {}
    for values in found:
        merged |= {name: value for name, value in values.items() if value and name not in merged}
    return merged
