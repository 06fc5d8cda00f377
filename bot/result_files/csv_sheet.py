"""CSV as RFC 4180 has it, in UTF-8 with a byte order mark, so that Excel reads Korean and Japanese.

NULL is nothing at all between two commas, the empty string is `""`.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final, Literal

from agent.turn import Cell, Column
from bot.result_files.formulas import neutralised
from bot.result_files.texts import exact_text, is_free_text

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_NEEDS_QUOTES: Final = re.compile(r'[",;\t\r\n|]|^\s|\s$')


class CsvSheet:
    """`bot.result_files.sheet.Sheet`."""

    def __init__(self, file: BinaryIO, columns: tuple[Column, ...], most_bytes: int, folder: Path) -> None:
        self.rows = 0
        self.limit: Literal["bytes", "rows"] | None = None
        self.has_cut_cells = False
        self._file = file
        self._most_bytes = most_bytes
        self._is_free_text = tuple(is_free_text(column.type) for column in columns)
        header = ",".join(_quoted(neutralised(column.name)) for column in columns)
        self._size = file.write(BYTE_ORDER_MARK + _encoded(header))

    def write(self, rows: Iterable[tuple[Cell, ...]]) -> None:
        lines: list[bytes] = []
        for row in rows:
            line = _encoded(",".join(map(_field, row, self._is_free_text)))
            if self._size + len(line) > self._most_bytes:
                self.limit = "bytes"
                break
            self._size += len(line)
            lines.append(line)
        self._file.write(b"".join(lines))
        self.rows += len(lines)

    def finish(self) -> int:
        self._file.flush()
        return self._size

    def discard(self) -> None:
        """The file itself is its owner's."""


def _field(value: Cell, is_free: bool) -> str:
    if value is None:
        return ""
    text = exact_text(value)
    return _quoted(neutralised(text) if is_free else text)


def _quoted(text: str) -> str:
    if text and _NEEDS_QUOTES.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


def _encoded(line: str) -> bytes:
    return f"{line}\r\n".encode("utf-8", "replace")
