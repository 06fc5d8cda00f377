"""Readings that a model offers: only those that the catalog can tell apart reach a person."""

from typing import Any

import pytest

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.clarify import Clarification, Offer, bound

TABLES = (
    TableInfo(
        "p.shop.orders",
        (
            ColumnInfo("order_id", "INT64"),
            ColumnInfo("status", "STRING", "Complete, Shipped or Cancelled."),
            ColumnInfo("created_at", "TIMESTAMP"),
            ColumnInfo("is_gift", "BOOL"),
            ColumnInfo("email", "STRING", "e-mail", ("pii",)),
            ColumnInfo("device", "STRUCT<category STRING, os STRUCT<name STRING>>"),
        ),
        "Orders.\nExamples:\n-- of one country\nSELECT 1 FROM shop.orders WHERE country = 'Japan'",
    ),
    TableInfo("p.web.events_*", (ColumnInfo("country", "STRING"),)),
)
FIRST = Offer(label="All", question="How many orders are there?", column="shop.orders.order_id", value="")


def offer(question: str = "How many orders are complete?", **changes: str) -> Offer:
    known = {"label": "Complete", "column": "shop.orders.status", "value": "Complete"}
    return Offer.model_validate({**known, "question": question, **changes})


def is_kept(other: Offer, **known: Any) -> bool:
    choices = bound([FIRST, other], asked="How many orders?", language="en", tables=TABLES, **known)
    assert len(choices) in (0, 2), "one alone is no choice"
    return bool(choices)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("shop.orders.status", "Complete"),
        ("`shop.orders`.status", "cancelled"),
        ("p.shop.orders.status", ""),
        ("orders.status", "Shipped"),
        ("STATUS", ""),
        ("shop.orders.device.category", ""),
        ("orders.device.os.name", ""),
        ("shop.orders.created_at", "2025"),
        ("shop.orders.order_id", "7"),
        ("shop.orders.is_gift", "true"),
        ("web.events_*.country", ""),
    ],
)
def test_what_is_in_the_catalog_is_offered(column: str, value: str):
    assert is_kept(offer(column=column, value=value))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("shop.orders.state", ""),
        ("shop.users.status", ""),
        ("", ""),
        ("shop.orders", ""),
        ("shop.orders.email", ""),  # tagged: not ours to read
        ("shop.orders.device.colour", ""),
        ("shop.orders.status", "Lost"),
        ("shop.orders.status", "Complet"),
        ("shop.orders.created_at", "lately"),
        ("shop.orders.is_gift", "perhaps"),
        ("web.events_*.country", "Japan"),
    ],
)
def test_what_is_not_there_is_dropped(column: str, value: str):
    assert not is_kept(offer(column=column, value=value))


def test_a_value_that_was_said_before_is_known():
    country = offer("How many orders from Japan?", column="web.events_*.country", value="Japan")
    assert is_kept(country, said=["SELECT 1 FROM t WHERE country IN ('Japan', 'Germany')"])


@pytest.mark.parametrize(
    "question",
    [
        "How many orders?",  # the question itself: it would be asked again
        "how many orders are there",  # the other choice
        "주문은 몇 건인가요?",  # another language
        "How many rows has shop.refunds?",
        "How many orders have a refund_date?",
        "How many orders has <EMAIL_3>?",  # a placeholder that nobody hid
        "",
    ],
)
def test_a_choice_that_could_not_be_answered_is_dropped(question: str):
    assert not is_kept(offer(question))


def test_two_choices_have_two_labels():
    assert not is_kept(offer(label="all!"))


def test_at_most_four_are_offered():
    offers = [offer(f"How many orders in {year}?", label=str(year), value="") for year in range(2015, 2025)]
    assert len(bound(offers, asked="?", language="en", tables=TABLES)) == 4


@pytest.mark.parametrize(
    "choices",
    [None, "none", [1, None], [{"label": "x" * 500}], [{"label": "A", "question": 7}], {}],
)
def test_odd_choices_do_not_cost_the_question(choices: object):
    assert Clarification.model_validate({"question": "Which?", "choices": choices}).choices == []


def test_what_a_choice_leaves_out_is_empty():
    asked = Clarification.model_validate({"question": "Which?", "choices": [{"label": "A", "question": "Q?"}]})
    assert asked.choices == [Offer(label="A", question="Q?", column="", value="")]
