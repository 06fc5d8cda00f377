"""`botctl policy replay`: past statements out of the audit's rows, judged by a new policy, and what that comes to."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.bigquery.pricing import TEBIBYTE, OnDemandPrice
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.policy.cost import CostLimits
from agent.policy.policy_file import read_policy
from agent.sql.googlesql.thread import EngineThread
from agent.turn import DecisionWord
from bot.cli.policy_desk import PolicyDesk
from bot.cli.policy_replay import replay
from bot.cli.replay_past import PastStatement, past_statements
from bot.cli.replay_report import Replayed, report_json, report_lines

NEW = """
version: 1
tags: {personal: {columns: [email]}}
grants:
  - {to: everyone, read: shop}
  - {to: "channel:people", read: hr}
"""
TABLES = [
    TableInfo("p.shop.orders", (ColumnInfo("n", "INT64"),)),
    TableInfo("p.shop.users", (ColumnInfo("email", "STRING"),)),
    TableInfo("p.hr.salaries", (ColumnInfo("pay", "INT64"),)),
]
COUNT, MAILS, PAY = "SELECT COUNT(*) FROM shop.orders", "SELECT email FROM shop.users", "SELECT pay FROM hr.salaries"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
RAN, WAITED, BLOCKED = DecisionWord.AUTO_EXECUTE, DecisionWord.APPROVAL_REQUIRED, DecisionWord.BLOCKED
LIMITS = CostLimits(max_bytes_billed=1 << 45, auto_execute_max_cost_usd=5.0, price=OnDemandPrice(6.25))


def row(kind: str, turn: str, *, key: str = "", word: str = "auto_execute", **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "key": key or f"{kind}:{turn}", "kind": kind, "turn_id": turn, "at": NOON, "asker": "U1", "groups": [],
        "channel": "C1", "sql": COUNT, "fingerprint": "f", "decision": word, "reasons": [], "approval_id": None,
        "bytes_estimated": 100, "bytes_billed": None, "cost_usd": None,
    }  # fmt: skip
    return {**plain, **more}


async def stream(*rows: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
    for one in rows:
        yield one


async def test_a_statement_is_what_was_last_decided_of_it_and_what_its_job_billed() -> None:
    refused = {"code": "deny.budget_usd", "params": {"need": 1.0}}
    past = await past_statements(
        stream(
            row("decision", "1"),
            row("job", "1", bytes_billed=70, cost_usd=Decimal("0.5")),
            row("model", "1", bytes_billed=None, cost_usd=Decimal(9)),
            row("decision", "2", at=NOON + timedelta(hours=1)),
            row("decision", "2", key="decision:2:f:refused", word="blocked", reasons=[refused]),
            row("cache", "3"),
        )
    )
    assert [(one.turn_id, one.was, one.bytes_billed, one.cost_usd) for one in past] == [
        ("1", RAN, 70, Decimal("0.5")),
        ("2", BLOCKED, None, None),
    ]
    assert [reason.code for reason in past[1].reasons] == ["deny.budget_usd"]


async def test_what_waited_and_was_approved_ran_in_the_turn_of_who_let_it() -> None:
    past = await past_statements(
        stream(
            row("decision", "1", word="approval_required"),
            row("decision", "1", key="approval:a", approval_id="a"),
            row("job", "9", approval_id="a", bytes_billed=70, cost_usd=Decimal(1)),
        )
    )
    assert [(one.turn_id, one.was, one.bytes_billed) for one in past] == [("1", WAITED, 70)]


@pytest.fixture(scope="module")
def desk(googlesql_cache: Path) -> Iterator[PolicyDesk]:
    thread = EngineThread(googlesql_cache)
    yield PolicyDesk(read_policy(NEW, "p"), thread, TABLES, "p")
    asyncio.run(thread.close())


def past_of(sql: str, was: DecisionWord = RAN, **more: Any) -> PastStatement:
    past = PastStatement("t", NOON, "U1", (), "C1", sql, was, (), 100, bytes_billed=100, cost_usd=Decimal(2))
    return replace(past, **more)


@pytest.mark.parametrize(
    ("past", "would", "change"),
    [
        (past_of(COUNT), RAN, None),
        (past_of(MAILS), BLOCKED, "blocked"),
        (past_of(PAY), BLOCKED, "blocked"),
        (past_of(PAY, channel="C9", was=BLOCKED, bytes_billed=None), RAN, "opened"),
        (past_of(COUNT, channel="D1", bytes_estimated=TEBIBYTE), WAITED, "asked"),
        (past_of(COUNT, bytes_estimated=TEBIBYTE, bytes_billed=None), WAITED, None),
        (past_of(COUNT, bytes_estimated=1 << 46), BLOCKED, "blocked"),
        (past_of(COUNT, was=BLOCKED, bytes_estimated=None, bytes_billed=None), RAN, "opened"),
        (past_of("SELEKT"), None, None),
    ],
)
async def test_each_past_statement_is_judged_by_the_new_policy_and_the_limits(
    desk: PolicyDesk, past: PastStatement, would: DecisionWord | None, change: str | None
) -> None:
    replayed = await replay(past, desk, LIMITS, {"C9": "people"})
    assert (replayed.would, replayed.change) == (would, change)


async def test_what_no_policy_file_decides_holds_as_it_did(desk: PolicyDesk) -> None:
    refused = {"code": "deny.budget_usd", "params": {"need": 1.0}}
    [past] = await past_statements(stream(row("decision", "1", word="blocked", reasons=[refused])))
    assert (await replay(past, desk, LIMITS)).would is BLOCKED


def test_the_report_adds_up_what_would_have_been_saved() -> None:
    replayed = [
        Replayed(past_of(MAILS, bytes_billed=10**12, cost_usd=Decimal("6.25")), BLOCKED, ()),
        Replayed(past_of(MAILS, bytes_billed=10**9, cost_usd=Decimal("0.5")), BLOCKED, ()),
        Replayed(past_of(COUNT), WAITED, ()),
        Replayed(past_of(COUNT, was=BLOCKED, bytes_billed=None, cost_usd=None), RAN, ()),
        Replayed(past_of("SELEKT"), None, ()),
    ]
    told = report_json(replayed, examples=1)
    assert told["saved"] == {"statements": 2, "bytes": 10**12 + 10**9, "usd": 6.75}
    assert told["was"]["auto_execute"] == {"auto_execute": 0, "approval_required": 1, "blocked": 2}
    assert [example["change"] for example in told["examples"]] == ["blocked", "asked", "opened"]
    assert told["unreadable"] == 1
    text = "\n".join(report_lines(replayed, examples=1))
    assert "2 ran, and would be blocked: 1.0 TB, $6.75 saved" in text
