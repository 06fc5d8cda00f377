"""Every shape of result, as the payload that Slack is sent: compared with what was reviewed, taken by an independent
validator, and pinging nobody. A payload that changes on purpose is written anew with UPDATE_SNAPSHOTS=1."""

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from agent.turn import Action, Answer, Bill, Column, Language, Route, Table, TableAge
from bot.slack.messages.answer import render_answer
from tests.fakes.block_kit import check_message, every_mrkdwn

SNAPSHOTS = Path(__file__).parents[3] / "data" / "answer_payloads.json"
HOSTILE = "<!channel> <@U0ANA> <https://evil.example|click> @here *b* `c`"


def table(columns: str, *rows: tuple[object, ...], total: int | None = None) -> Table:
    named = tuple(Column(*column.split(maxsplit=1)) for column in columns.split("; "))
    return Table(named, rows, len(rows) if total is None else total)


def wide(rows: int, columns: int, total: int) -> Table:
    names = tuple(Column(f"column_{number}", "INT64") for number in range(columns))
    return Table(names, tuple(tuple(range(row, row + columns)) for row in range(rows)), total)


SHAPES: dict[str, Table] = {
    "no rows": table("n INT64"),
    "one cell": table("orders INT64", (2442,)),
    "one day": table("first_order DATE", ("2024-01-05",)),
    "one row": table("sessions INT64; purchases INT64; rate FLOAT64", (3500, 708, 0.2023)),
    "a null": table("country STRING; revenue NUMERIC", ("Korea", "12.50"), (None, None)),
    "not numbers": table("kind STRING; value FLOAT64", ("nan", math.nan), ("up", math.inf), ("down", -math.inf)),
    "huge and tiny": table("kind STRING; value FLOAT64", ("huge", 1.7e308), ("tiny", 5e-324), ("zero", -0.0)),
    "big integers": table("kind STRING; value INT64", ("most", 2**63 - 1), ("least", -(2**63))),
    "nested": table(
        "id INT64; tags ARRAY<STRING>; at STRUCT<lat FLOAT64>", (1, ["a", None], {"lat": 1.5}), (2, [], None)
    ),
    "right to left": table("مدينة STRING; عدد INT64", ("القاهرة", 5), ("תל אביב", 3)),
    "emoji": table("mood STRING; people INT64", ("👩‍👩‍👧‍👦", 4), ("🇰🇷", 2)),
    "formulas": table("text STRING; n INT64", ("=cmd|' /C calc'!A0", 1), ("+1+1", 2), ("@SUM(A1)", 3)),
    "mentions and links": table("text STRING; n INT64", (HOSTILE, 1), ("https://evil.example", 2)),
    "money and moments": table(
        "at TIMESTAMP; revenue_usd NUMERIC; margin_pct FLOAT64",
        ("2025-01-05T09:05:00Z", "1234.5", 12.25),
        ("2025-01-06T00:00:00Z", "-0.5", None),
    ),
    "a long cell": table("id INT64; text STRING", (1, "y" * 100_000), (2, "short")),
    "200 x 20": wide(200, 20, 200),
    "10000 x 60": wide(200, 60, 10_000),
}


def payload(name: str, language: Language = "en") -> dict[str, Any]:
    answer = Answer(
        "turn-1",
        language,
        Route(Action.SQL_EXECUTE, 0.9, "r"),
        text=HOSTILE if name == "mentions and links" else "The title",
        sql="SELECT a FROM shop.orders WHERE b > 1",
        table=SHAPES[name],
        tables_read=("demo-proj.shop.orders",),
        ages=(TableAge("demo-proj.shop.orders", 7200.0),),
        bill=Bill(bytes_estimated=10, bytes_billed=12_345_678, cost_usd=0.00007),
        result_id="result-1",
    )
    message = render_answer(answer, 4.26)
    check_message(message)
    for text in every_mrkdwn(message):
        assert not any(mark in text for mark in ("<!", "<@", "<http"))
    return {"text": message.text, "blocks": json.loads(json.dumps(message.blocks, allow_nan=False))}


def reviewed(name: str) -> dict[str, Any]:
    """The payload; of a large one its beginning, and how much there is."""
    shown = payload(name)
    for block in shown["blocks"]:
        if block["type"] == "data_table" and len(block["rows"]) > 10:
            sizes = {"rows": len(block["rows"]), "cells": len(block["rows"][0])}
            block.update(rows=block["rows"][:2], left_out=sizes)
    if len(shown["text"]) > 1000:
        shown["text"] = f"{shown['text'][:300]}... {len(shown['text'])} characters"
    return shown


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_shown_as_it_was_reviewed(name: str) -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        known = json.loads(SNAPSHOTS.read_text()) if SNAPSHOTS.exists() else {}
        kept = {shape: known[shape] for shape in SHAPES if shape in known and shape != name}
        SNAPSHOTS.write_text(json.dumps({**kept, name: reviewed(name)}, ensure_ascii=False, indent=1) + "\n")
    assert reviewed(name) == json.loads(SNAPSHOTS.read_text())[name]


@pytest.mark.parametrize("language", ["ko", "ja"])
@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_taken_in_every_language(name: str, language: Language) -> None:
    assert payload(name, language)["text"]
