"""An Excel workbook, written row by row in constant memory.

A number is a number where Excel keeps all its digits, else text; a DATE is a date; everything else is text as BigQuery
spells it, never a formula or a link. NULL is an empty cell, the empty string a cell with no characters in it.
"""

import datetime
import math
import shutil
import tempfile
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import xlsxwriter

from agent.turn import Cell, Column
from bot.result_files.formulas import is_formula
from bot.result_files.texts import exact_text

MOST_ROWS: Final = 1_048_575
"""Excel's 1 048 576, less the header."""
LONGEST_CELL: Final = 32_767
"""Excel's characters of one cell, counted in UTF-16."""
ROWS_PREFIX: Final = "xlsx-"
_EXACT_DIGITS: Final = 15
"""Excel keeps no more significant digits of a number."""
_FIRST_DATE: Final = datetime.date(1900, 3, 1)
"""Before it Excel's calendar is wrong (1900 was no leap year), or has no days at all."""
_CELL_OVERHEAD: Final = 32
"""About what the XML around one cell takes on the disk before it is compressed."""


class XlsxSheet:
    """`bot.result_files.sheet.Sheet`. Its limit of bytes is of the XML before compression: of the disk it needs."""

    def __init__(self, file: BinaryIO, columns: tuple[Column, ...], most_bytes: int, folder: Path) -> None:
        self.rows = 0
        self.limit: Literal["bytes", "rows"] | None = None
        self.has_cut_cells = False
        self._file = file
        self._columns = columns
        self._most_bytes = most_bytes
        self._size = 0
        # XlsxWriter keeps the rows in files with a name until the workbook is closed.
        self._folder = tempfile.mkdtemp(prefix=ROWS_PREFIX, dir=folder)
        options = {"constant_memory": True, "tmpdir": self._folder, "in_memory": False}
        self._book: Any = xlsxwriter.Workbook(file, options)
        self._sheet: Any = self._book.add_worksheet()
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._text = self._book.add_format({"quote_prefix": True})
        bold = self._book.add_format({"bold": True})
        for at, column in enumerate(columns):
            self._sheet.write_string(0, at, self._cut(column.name), bold)
        self._sheet.freeze_panes(1, 0)

    def write(self, rows: Iterable[tuple[Cell, ...]]) -> None:
        for row in rows:
            if self.rows >= MOST_ROWS:
                self.limit = "rows"
                return
            texts = [None if value is None else exact_text(value) for value in row]
            size = sum(_CELL_OVERHEAD + len(text) for text in texts if text is not None)
            if self._size + size > self._most_bytes:
                self.limit = "bytes"
                return
            self._size += size
            self.rows += 1
            for at, (value, text) in enumerate(zip(row, texts, strict=True)):
                if text is not None:
                    self._write(at, value, text)

    def finish(self) -> int:
        self._book.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._file.flush()
        return self._file.seek(0, 2)

    def discard(self) -> None:
        self._sheet.row_data_fh.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, at: int, value: Cell, text: str) -> None:
        kind = self._columns[at].type
        number = _exact_number(value, text, kind)
        if number is not None:
            self._sheet.write_number(self.rows, at, number)
        elif isinstance(value, bool):
            self._sheet.write_boolean(self.rows, at, value)
        elif kind == "DATE" and (date := datetime.date.fromisoformat(text)) >= _FIRST_DATE:
            self._sheet.write_datetime(self.rows, at, date, self._date)
        else:
            # A string is no formula in this format; the mark keeps it so when somebody edits the cell.
            self._sheet.write_string(self.rows, at, self._cut(text), self._text if is_formula(text) else None)

    def _cut(self, text: str) -> str:
        if len(text) * 2 <= LONGEST_CELL:  # no character takes more than two units of UTF-16
            return text
        units = text.encode("utf-16-le", "replace")
        if len(units) // 2 <= LONGEST_CELL:
            return text
        self.has_cut_cells = True
        return units[: (LONGEST_CELL - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _exact_number(value: Cell, text: str, kind: str) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**_EXACT_DIGITS else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _exact_decimal(text) if kind in ("NUMERIC", "BIGNUMERIC") else None


def _exact_decimal(text: str) -> float | None:
    try:
        digits = Decimal(text).normalize().as_tuple().digits if len(text) <= 2 * _EXACT_DIGITS else ()
    except InvalidOperation:
        return None
    return float(text) if digits and len(digits) <= _EXACT_DIGITS else None
