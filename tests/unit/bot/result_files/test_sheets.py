"""What stands in a file: every value exact, nothing a formula."""

import io
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.turn import Cell, Column
from bot.result_files.csv_sheet import CsvSheet
from bot.result_files.formulas import is_formula, neutralised
from bot.result_files.xlsx_sheet import LONGEST_CELL, XlsxSheet

MANY = 1 << 30


def csv_text(kinds: Sequence[str], *rows: tuple[Cell, ...], most_bytes: int = MANY) -> str:
    file = io.BytesIO()
    columns = tuple(Column(f"c{at}", kind) for at, kind in enumerate(kinds))
    sheet = CsvSheet(file, columns, most_bytes, Path("unused"))
    sheet.write(rows)
    assert sheet.finish() == len(file.getvalue())
    return file.getvalue().decode("utf-8-sig")


def xlsx_cells(folder: Path, kinds: Sequence[str], *rows: tuple[Cell, ...]) -> str:
    """The XML of the sheet."""
    file = io.BytesIO()
    sheet = XlsxSheet(file, tuple(Column(f"c{at}", kind) for at, kind in enumerate(kinds)), MANY, folder)
    sheet.write(rows)
    assert sheet.finish() == len(file.getvalue())
    assert list(folder.iterdir()) == []
    with zipfile.ZipFile(file) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_every_type_is_written_exactly() -> None:
    kinds = [
        *("INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64", "FLOAT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "BYTES"),
        *("GEOGRAPHY", "JSON", "ARRAY<INT64>", "STRUCT<a STRING>", "INTERVAL", "RANGE<DATE>"),
    ]
    row = (
        *(2**63 - 1, "-12.500000001", "0.00000000000000000000000000000000000001", 0.1, math.nan, -math.inf, True),
        *("2025-01-01", "2025-01-01 00:00:00.123456+00", "+P8=", "POINT(1 2)", '{"a":[1,"가"]}', [1, 2], {"a": "x"}),
        *("-0-1 4 -5:0:0", "[2025-01-01, UNBOUNDED)"),
    )
    assert csv_text(kinds, row).splitlines()[1] == (
        "9223372036854775807,-12.500000001,0.00000000000000000000000000000000000001,0.1,NaN,-Infinity,true,"
        '2025-01-01,2025-01-01 00:00:00.123456+00,+P8=,POINT(1 2),"{""a"":[1,""가""]}","[1,2]","{""a"":""x""}",'
        '-0-1 4 -5:0:0,"[2025-01-01, UNBOUNDED)"'
    )


def test_null_is_nothing_and_the_empty_string_is_two_quotes() -> None:
    assert csv_text(["STRING"] * 3, (None, "", "x")) == 'c0,c1,c2\r\n,"",x\r\n'


def test_a_file_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    file = io.BytesIO()
    CsvSheet(file, (Column("이름", "STRING"),), MANY, Path("unused")).finish()
    assert file.getvalue() == b"\xef\xbb\xbf" + "이름\r\n".encode()


def test_line_ends_quotes_and_commas_stay_inside_their_cell() -> None:
    assert csv_text(["STRING", "STRING"], ('a,"b"', "c\r\nd")).endswith('"a,""b""","c\r\nd"\r\n')


FORMULAS = [
    "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u200b=1", "\ufeff=1", "\u00a0=1",
    "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", "=HYPERLINK(\"http://x\")",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_text_is_text_to_every_spreadsheet(formula: str) -> None:
    assert neutralised(formula).startswith("'")
    assert csv_text(["STRING"], (formula,)).split("\r\n", 1)[1].lstrip('"').startswith("'")


@pytest.mark.parametrize("text", ["a;=1+1", "a\t@x", "a\n=1", "a; +cmd|x"])
def test_what_a_semicolon_or_a_line_end_would_make_a_cell_is_neutralised_too(text: str) -> None:
    assert "'" in neutralised(text)


@pytest.mark.parametrize("text", ["", "a=b", "3 - 4", "x; -5", "- not at all".lstrip("- "), "list:\n- milk", "a@b.com"])
def test_other_text_is_left_alone(text: str) -> None:
    assert neutralised(text) == text


def test_a_negative_number_stays_a_number() -> None:
    assert csv_text(["INT64", "FLOAT64", "NUMERIC"], (-5, -0.5, "-1.50")).endswith("-5,-0.5,-1.50\r\n")


def test_a_column_named_as_a_formula_is_none() -> None:
    file = io.BytesIO()
    CsvSheet(file, (Column("=x", "INT64"),), MANY, Path("unused")).finish()
    assert file.getvalue().decode("utf-8-sig") == "'=x\r\n"


@settings(max_examples=60)
@given(st.text(alphabet="=+-@\t\r\n ;,\"'a1|\uff1d\u200b", max_size=8))
def test_no_text_comes_out_as_a_formula(text: str) -> None:
    assert not is_formula(neutralised(text))


def test_rows_beyond_the_limit_are_left_out_whole() -> None:
    file = io.BytesIO()
    sheet = CsvSheet(file, (Column("n", "INT64"),), 20, Path("unused"))
    sheet.write([(number,) for number in range(100)])
    assert (sheet.limit, sheet.rows) == ("bytes", 4)
    assert sheet.finish() == len(file.getvalue()) <= 20


def test_excel_gets_a_number_only_where_it_keeps_every_digit(tmp_path: Path) -> None:
    kinds = ["INT64", "INT64", "NUMERIC", "NUMERIC", "FLOAT64", "FLOAT64", "DATE", "BOOL"]
    row = (999999999999999, 2**53, "12.5", "1234567890.1234567890", -0.5, math.nan, "2025-01-01", True)
    xml = xlsx_cells(tmp_path, kinds, row)
    for cell in ("<v>999999999999999</v>", "<t>9007199254740992</t>", "<v>12.5</v>", "<t>1234567890.1234567890</t>"):
        assert cell in xml
    for cell in ("<v>-0.5</v>", "<t>NaN</t>", "<v>45658</v>", 't="b"><v>1</v>'):
        assert cell in xml


def test_a_formula_is_a_string_in_excel_and_null_no_cell_at_all(tmp_path: Path) -> None:
    xml = xlsx_cells(tmp_path, ["STRING", "STRING", "STRING"], ("=cmd|' /C calc'!A0", None, "http://x"))
    assert "<f>" not in xml
    assert "<t>=cmd|' /C calc'!A0</t>" in xml
    assert "<hyperlink" not in xml
    assert 'r="B2"' not in xml


def test_a_text_longer_than_a_cell_of_excel_is_cut_and_said(tmp_path: Path) -> None:
    file = io.BytesIO()
    sheet = XlsxSheet(file, (Column("s", "STRING"),), MANY, tmp_path)
    sheet.write([("x" * LONGEST_CELL,), ("\N{GRINNING FACE}" * 20_000,)])
    sheet.finish()
    assert sheet.has_cut_cells
    with zipfile.ZipFile(file) as book:
        assert "x" * LONGEST_CELL in book.read("xl/worksheets/sheet1.xml").decode()


def test_a_workbook_that_is_given_up_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    sheet = XlsxSheet(io.BytesIO(), (Column("s", "STRING"),), MANY, tmp_path)
    sheet.write([("x",)])
    sheet.discard()
    assert list(tmp_path.iterdir()) == []
