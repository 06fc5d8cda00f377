"""A file that is being written: rows go in page by page, nothing of them is held."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, TypeAlias

from agent.turn import Cell, Column

Format: TypeAlias = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is whole, read from its start."""

    file: BinaryIO
    size: int
    rows: int
    total_rows: int
    limit: Literal["bytes", "rows"] | None = None
    """What kept rows out of it."""
    has_cut_cells: bool = False
    """Some text was longer than a cell of this format can be."""


class Sheet(Protocol):
    """Every method blocks: call them off the event loop, one after the other."""

    rows: int
    """Rows written so far, the header not among them."""
    limit: Literal["bytes", "rows"] | None
    """Set when a row did not fit any more; it and all that follow are left out."""
    has_cut_cells: bool

    def write(self, rows: Iterable[tuple[Cell, ...]]) -> None: ...

    def finish(self) -> int:
        """Complete the file; its size in bytes. Nothing is written after it."""
        ...

    def discard(self) -> None:
        """Give up an unfinished file, with all that it left on the disk. After `finish` there is nothing to do."""
        ...


class Open(Protocol):
    def __call__(self, file: BinaryIO, columns: tuple[Column, ...], most_bytes: int, folder: Path) -> Sheet:
        """*folder* is for what has to lie beside *file* until it is finished."""
        ...
