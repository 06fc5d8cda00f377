"""The one shape of an answer, whatever is in it; every payload is checked by slackblocks."""

import json
import math
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.notice import Notice
from agent.turn import Action, Answer, Bill, Column, DecisionWord, Language, Progress, Route, Step, Table
from bot.i18n.catalogue import LANGUAGES
from bot.slack.messages.answer import render_answer
from bot.slack.messages.help import render_help
from bot.slack.messages.message import Message
from bot.slack.messages.notices import render_notices
from bot.slack.messages.progress import render_progress
from bot.slack.modals.sql import loading_view, sql_view
from tests.fakes.block_kit import check_message, check_modal, every_mrkdwn

ROUTE = Route(Action.SQL_EXECUTE, 0.9, "a number")
ONE = Table((Column("orders", "INT64"),), ((2442,),), 1)
MONTHS = Table(
    (Column("month", "DATE"), Column("revenue", "NUMERIC")),
    (("2025-01-01", "1234.50"), ("2025-02-01", None)),
    2,
)


def answer(**fields: Any) -> Answer:
    defaults: dict[str, Any] = {"turn_id": "message:T:C:1.0", "language": "en", "route": ROUTE}
    return Answer(**{**defaults, **fields})


def blocks_of(message: Message, kind: str) -> list[dict[str, Any]]:
    return [block for block in message.blocks if block["type"] == kind]


def render(given: Answer, seconds: float | None = None) -> Message:
    message = render_answer(given, seconds)
    check_message(message)
    json.dumps(message.blocks, allow_nan=False)
    return message


def test_a_single_value_comes_first_and_needs_no_table() -> None:
    message = render(answer(text="Orders placed in 2025", table=ONE, sql="SELECT 1"))
    assert message.blocks[0]["text"]["text"] == "*2,442* — Orders placed in 2025"
    assert blocks_of(message, "data_table") == []
    assert message.text.startswith("*2,442* — Orders placed in 2025")


def test_a_table_has_its_title_its_count_and_native_rows() -> None:
    message = render(answer(text="Revenue by month", table=MONTHS, sql="SELECT 1"))
    assert message.blocks[0]["text"]["text"] == "Revenue by month · 2 rows"
    (table,) = blocks_of(message, "data_table")
    assert table["rows"][1] == [
        {"type": "raw_text", "text": "2025-01-01"},
        {"type": "raw_number", "value": 1234.5, "text": "1,234.50"},
    ]
    assert table["rows"][2][1] == {"type": "raw_text", "text": "—"}
    assert "2025-01-01 | 1,234.50" in message.text


def test_no_rows_is_said() -> None:
    message = render(answer(text="Refunds", table=replace(MONTHS, rows=(), total_rows=0)))
    assert "found no rows" in message.blocks[0]["text"]["text"]


def test_the_footer_names_tables_bytes_price_and_time() -> None:
    bill = Bill(bytes_estimated=10, bytes_billed=12_345_678, cost_usd=0.00007)
    message = render(answer(table=ONE, tables_read=("demo-proj.shop.orders",), bill=bill), 4.26)
    (footer,) = blocks_of(message, "context")
    assert footer["elements"][0]["text"] == "Table: shop.orders · 12.3 MB billed · &lt;$0.01 · 4.3 s"


def test_free_is_said_as_free() -> None:
    message = render(answer(table=ONE, bill=Bill(bytes_billed=0, cost_usd=0.0)))
    assert "$0.00" in message.text


def test_show_sql_carries_the_turn() -> None:
    (actions,) = blocks_of(render(answer(table=ONE, sql="SELECT 1")), "actions")
    assert [(button["action_id"], button["value"]) for button in actions["elements"]] == [
        ("show_sql", "message:T:C:1.0"),
        ("refine", "message:T:C:1.0"),
    ]


def test_an_answer_without_sql_has_no_buttons() -> None:
    assert blocks_of(render(answer(text="Hello!")), "actions") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_approval_card_names_price_bytes_tables_and_sql(language: Language) -> None:
    message = render(
        answer(
            language=language,
            decision=DecisionWord.APPROVAL_REQUIRED,
            approval_id="a7",
            sql="SELECT * FROM shop.orders",
            tables_read=("demo-proj.shop.orders", "demo-proj.web.events"),
            bill=Bill(bytes_estimated=2_000_000_000_000, cost_usd=11.37),
        )
    )
    for part in ("$11.37", "2.0 TB", "shop.orders, web.events"):
        assert part in message.text
        assert part in json.dumps(message.blocks)
    assert "SELECT * FROM shop.orders" in message.text
    assert "SELECT *\\nFROM shop.orders" in json.dumps(message.blocks)
    buttons = [element for block in blocks_of(message, "actions") for element in block["elements"]]
    assert [(b["action_id"], b["value"]) for b in buttons] == [
        ("approve", "a7"),
        ("cancel", "a7"),
        ("show_sql", "message:T:C:1.0"),
    ]


def test_a_refusal_is_a_sentence() -> None:
    message = render(answer(notices=(Notice("error.access_denied"),), decision=DecisionWord.BLOCKED))
    assert "service account" in message.text


def test_an_empty_answer_still_says_something() -> None:
    assert render(answer()).text


HOSTILE = "<!channel> <@U0ANA> <https://evil.example|click> @here & </script> `x` ```y``` *z*"


def test_data_pings_nobody_and_links_nowhere() -> None:
    table = Table((Column(HOSTILE, "STRING"), Column("b", "STRING")), ((HOSTILE, HOSTILE), (HOSTILE, "c")), 2)
    messages = [
        render(answer(text=HOSTILE, table=table, sql=f"SELECT '{HOSTILE}'", tables_read=(HOSTILE,))),
        render(answer(text=HOSTILE, table=Table((Column(HOSTILE, "STRING"),), ((HOSTILE,),), 1))),
        render(answer(text=HOSTILE, notices=(Notice("error.invalid_query", {"detail": HOSTILE}),), sql=HOSTILE)),
        render(answer(decision=DecisionWord.APPROVAL_REQUIRED, approval_id="a", sql=HOSTILE, tables_read=(HOSTILE,))),
        render_progress({Step.RUN: Progress(Step.RUN, "running", HOSTILE)}, "t", "en"),
    ]
    for message in messages:
        check_message(message)
        for text in every_mrkdwn(message):
            assert "<" not in text
            assert ">" not in text


def test_bare_addresses_in_data_are_not_made_links() -> None:
    message = render(answer(text="see https://evil.example", table=MONTHS, tables_read=("a.b.c",)))
    for block in message.blocks:
        texts = [block.get("text"), *block.get("elements", [])]
        assert all(text["verbatim"] for text in texts if isinstance(text, dict) and text.get("type") == "mrkdwn")


def wide(rows: int, columns: int, cell: object = "x", kind: str = "STRING") -> Table:
    names = tuple(Column(f"column_{number}", kind) for number in range(columns))
    return Table(names, tuple((cell,) * columns for _ in range(rows)), rows)


def test_two_hundred_rows_of_twenty_columns_fit() -> None:
    message = render(answer(table=wide(200, 20)))
    (table,) = blocks_of(message, "data_table")
    assert len(table["rows"]) == 201
    assert blocks_of(message, "context") == []


def test_what_is_beyond_slacks_limits_is_cut_and_said() -> None:
    message = render(answer(table=replace(wide(201, 60), total_rows=10_000)))
    (caveat,) = blocks_of(message, "context")
    assert "first 200 of 10,000 rows" in caveat["elements"][0]["text"]
    assert "first 20 of 60 columns" in caveat["elements"][0]["text"]


def test_a_huge_cell_is_cut_and_said() -> None:
    message = render(answer(table=wide(3, 2, "y" * 100_000)))
    assert "cut short" in message.text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "INT64", "—"),
        ("", "STRING", " "),
        (True, "BOOL", "true"),
        (math.nan, "FLOAT64", "NaN"),
        (math.inf, "FLOAT64", "∞"),
        (2**63 - 1, "INT64", "9,223,372,036,854,775,807"),
        (1e-9, "FLOAT64", "1e-09"),
        ("99999999999999999999999999999.999999999", "NUMERIC", "99,999,999,999,999,999,999,999,999,999.999999999"),
        ([1, {"a": None}], "ARRAY<STRUCT<a INT64>>", '[1, {"a": null}]'),
        ("مرحبا 👋", "STRING", "مرحبا 👋"),
        ("2025-01-01T00:00:00Z", "TIMESTAMP", "2025-01-01"),
        ("2025-01-01T09:30:00Z", "TIMESTAMP", "2025-01-01 09:30 UTC"),
        ("2025-01-01T09:30:05.123456", "DATETIME", "2025-01-01 09:30:05"),
        ("=cmd|' /C calc'!A0", "STRING", "=cmd|' /C calc'!A0"),
    ],
)
def test_every_kind_of_value_renders(value: object, kind: str, text: str) -> None:
    message = render(answer(table=wide(2, 2, value, kind)))
    (table,) = blocks_of(message, "data_table")
    assert table["rows"][1][0]["text"] == text
    render(answer(table=Table((Column("v", kind),), ((value,),), 1)))


def test_a_year_has_no_thousands_separator() -> None:
    message = render(answer(table=Table((Column("order_year", "INT64"), Column("n", "INT64")), ((2025, 2025),), 1)))
    (table,) = blocks_of(message, "data_table")
    assert [cell["text"] for cell in table["rows"][1]] == ["2025", "2,025"]


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=900) | st.lists(st.text(max_size=5))
KINDS = st.sampled_from(["INT64", "STRING", "NUMERIC", "FLOAT64", "JSON"])


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = tuple(Column(draw(st.text(max_size=310)), draw(KINDS)) for _ in range(draw(st.integers(1, 24))))
    pattern = draw(st.lists(st.tuples(*[CELLS] * len(columns)), max_size=4))
    rows = tuple(pattern) * draw(st.integers(1, 60))
    return Table(columns, rows, len(rows) + draw(st.integers(0, 5)))


@settings(max_examples=60, deadline=None)
@given(tables(), st.none() | st.text(max_size=5000), st.none() | st.text(max_size=9000), st.sampled_from(LANGUAGES))
def test_no_result_breaks_slacks_limits(table: Table, text: str | None, sql: str | None, language: Language) -> None:
    given = answer(table=table, text=text, sql=sql, language=language, tables_read=tuple(c.name for c in table.columns))
    for text_of_message in every_mrkdwn(render(given, 1.0)):
        assert not re.search(r"<[!@#h]", text_of_message)
    render(replace(given, table=None))
    render(replace(given, table=None, decision=DecisionWord.APPROVAL_REQUIRED, approval_id="a"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_progress_and_notices_are_valid_in_every_language(language: Language) -> None:
    check_message(render_help(language))
    check_message(render_progress({}, "t", language))
    steps = {step: Progress(step, "done", "x" * 5000) for step in Step}
    check_message(render_progress(steps, "t", language))
    check_message(
        render_notices([Notice("turn.stopped"), Notice("error.invalid_query", {"detail": "d" * 9000})], language)
    )
    check_modal(loading_view(language))


@pytest.mark.parametrize("sql", ["SELECT 1", "x" * 100_000, "SELECT '&<>`' " * 2000, "a\n" * 9000, "&" * 400_000, " "])
def test_sql_of_any_length_fits_a_modal_or_says_that_it_is_cut(sql: str) -> None:
    view = sql_view(answer(sql=sql))
    check_modal(view)
    shown = "".join(b["text"]["text"].strip("`") for b in view["blocks"] if b["type"] == "section")
    whole = sql.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    was_cut = view["blocks"][-1]["type"] == "context"
    assert was_cut or shown.replace("\n", "").strip() == whole.replace("\n", "").strip() or not sql.strip()


def test_long_prose_is_split_and_what_is_too_long_says_so() -> None:
    message = render(answer(text="word & " * 5000))
    assert len(blocks_of(message, "section")) > 3
    assert "too long for a Slack message" in json.dumps(message.blocks)


def test_a_models_bold_stays_bold() -> None:
    assert render(answer(text="The **orders** table")).blocks[0]["text"]["text"] == "The *orders* table"
