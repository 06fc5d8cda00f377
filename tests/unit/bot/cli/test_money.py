"""What people type about money, and what they read of it."""

import argparse
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.policy.budget import Budget, OnExceeded, Period, Scope, Standing
from agent.spend import Amount
from bot.budgets import BudgetLine
from bot.cli.amounts import dollars, moment, size
from bot.cli.audit import write_csv, write_jsonl
from bot.cli.budget import line_json, show_text, whose_of
from bot.cli.errors import CommandError
from bot.cli.main import main
from bot.storage.tables import audit

GB = 10**9


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("1048576", 1048576), ("500MB", 500 * 10**6), ("1.5 TiB", 3 << 39), ("2gib", 2 << 30), ("7B", 7), ("1PB", 10**15)],
)
def test_a_size_is_read_in_decimal_and_in_binary_units(text: str, bytes_: int) -> None:
    assert size(text) == bytes_


@pytest.mark.parametrize("text", ["", "0", "0GB", "-1", "10 apples", "1e9", "GB", "nan"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no size"):
        size(text)


@pytest.mark.parametrize("text", ["", "0", "-3", "NaN", "Infinity", "five"])
def test_what_is_no_amount_of_dollars_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        dollars(text)
    assert dollars("$12.50") == Decimal("12.50")


def test_a_day_begins_in_the_zone_of_the_budgets() -> None:
    seoul = ZoneInfo("Asia/Seoul")
    assert moment("2026-01-31", seoul) == datetime(2026, 1, 30, 15, tzinfo=UTC)
    assert moment("2026-01-31T09:30+00:00", seoul) == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    assert moment("30d", seoul, now=datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="yesterday"):
        moment("yesterday", seoul)


def line(subject: str = "*") -> BudgetLine:
    budget = Budget(Scope.USER, subject, Period.DAY, 100 * GB, Decimal(5), OnExceeded.APPROVAL, owner="U9")
    standing = Standing(budget, "U1", Amount(90 * GB, Decimal("0.5")), Amount(5 * GB), "2026-02-01 00:00 (UTC)")
    return BudgetLine(budget, (standing,))


def test_people_read_limits_and_who_is_how_near_to_them() -> None:
    assert show_text([line()]) == [
        "user:*:day: 100.0 GB and $5.00 a day, beyond it needs approval, owner U9",
        "  U1: 90% used (90.0 GB, $0.50, 5.0 GB held), starts anew 2026-02-01 00:00 (UTC)",
    ]
    assert "botctl budget set" in show_text([])[0]


def test_the_json_of_a_budget_holds_numbers() -> None:
    told = json.loads(json.dumps(line_json(line())))
    assert (told["limit_bytes"], told["limit_usd"], told["on_exceeded"]) == (100 * GB, 5.0, "approval")
    (standing,) = told["standings"]
    assert (standing["left_bytes"], standing["left_usd"], standing["reserved_bytes"]) == (5 * GB, 4.5, 5 * GB)


def options(**given: str) -> argparse.Namespace:
    return argparse.Namespace(**({scope.value: None for scope in Scope} | given))


def test_whose_budget_it_is() -> None:
    assert whose_of(options(group="@data-team")).subject == "data-team"
    assert whose_of(options(user="each")).subject == "*"
    assert whose_of(options(workspace="T1")).scope is Scope.WORKSPACE
    for wrong in ({"group": "each"}, {"user": ""}, {"channel": "a:b"}):
        with pytest.raises(CommandError):
            whose_of(options(**wrong))


def test_a_budget_without_a_limit_is_refused_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budget", "set", "--user", "U1", "--per", "day"]) == 2
    assert "needs a limit" in capsys.readouterr().err


async def rows(*question: str) -> AsyncIterator[dict[str, Any]]:
    for text in question:
        row: dict[str, Any] = dict.fromkeys((column.name for column in audit.columns), "")
        row |= {"at": datetime(2026, 1, 5, tzinfo=UTC), "question": text, "cost_usd": Decimal("0.5")}
        yield row | {"tables": ["p.d.t"], "reasons": [{"code": "approval.cost", "params": {}}], "bytes_billed": -1}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
async def test_no_cell_of_a_csv_is_a_formula(cell: str) -> None:
    out = io.StringIO()
    await write_csv(rows(cell, 'a "b", c\nd'), out)
    first, second = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert first["question"] == f"'{cell}"
    assert second["question"] == 'a "b", c\nd'
    assert first["bytes_billed"] == "-1"
    assert json.loads(first["tables"]) == ["p.d.t"]


async def test_an_export_of_nothing_has_its_names_in_csv_and_no_line_in_jsonl() -> None:
    table, lines = io.StringIO(), io.StringIO()
    await write_csv(rows(), table)
    await write_jsonl(rows(), lines)
    assert table.getvalue().startswith('"id","key","kind","at",')
    assert lines.getvalue() == ""


async def test_jsonl_has_one_object_a_line() -> None:
    out = io.StringIO()
    await write_jsonl(rows("매출?", "=1"), out)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["question"], first["cost_usd"], first["reasons"][0]["code"]) == ("매출?", 0.5, "approval.cost")
    assert date.fromisoformat(first["at"][:10]) == date(2026, 1, 5)
    assert second["question"] == "=1"
