"""Receipts as Slack shows them, within its limits and in three languages."""

from decimal import Decimal

import pytest

from agent.notice import Notice
from agent.turn import DecisionWord, Language
from bot.i18n.catalogue import LANGUAGES
from bot.receipts.receipt import ModelBill, Receipt, TableAge
from bot.slack.messages.receipt import render_receipt
from bot.slack.modals.receipt import loading_receipt, receipt_sentence, receipt_view
from tests.fakes.block_kit import check_message, check_modal


def receipt(language: Language = "en", sql: str = "SELECT 1 < 2", **more: object) -> Receipt:
    values = {
        "title": "Orders & <more>",
        "tables": (
            TableAge("p.shop.orders", 1.0),
            TableAge("p.shop.users", 2.0, is_newer=True),
            TableAge("p.d.x", None),
        ),
        "more_tables": 3,
        "bytes_estimated": 10 << 20,
        "bytes_billed": 10 << 20,
        "cost_usd": 0.00006,
        "usd_per_tib": 6.25,
        "ran_at": 1.0,
        "decision": DecisionWord.AUTO_EXECUTE,
        "reasons": (Notice("approval.cost", {"cost_usd": 1.0, "limit_usd": 0.1}),),
        "approver": "UBOSS",
        "job_id": "databolt_1",
        "model": ModelBill("gpt", 3, 4200, Decimal("0.01")),
        "policy_version": "abc",
        "assumptions": ("a <b>",),
    }
    return Receipt(language=language, sql=sql, **{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_fits_a_modal_and_a_message_in_every_language(language: Language) -> None:
    check_modal(receipt_view(receipt(language)))
    check_message(render_receipt(receipt(language), most_sql=4))
    check_modal(loading_receipt(language))
    check_modal(receipt_sentence(language, Notice("receipt.missing")))


def test_a_receipt_of_anything_fits() -> None:
    long = receipt(
        sql="SELECT '&<>' -- \n" * 9000,
        title="*" * 5000,
        assumptions=("&" * 900,) * 9,
        tables=tuple(TableAge(f"p.d.{'t' * 300}", 1.0) for _ in range(10)),
        reasons=(Notice("approval.many_tables", {"count": 60}),) * 40,
    )
    check_modal(receipt_view(long))
    check_message(render_receipt(long, most_sql=4))
    assert "cut here" in str(receipt_view(long)["blocks"][-1])


def test_a_receipt_of_what_did_not_run_says_so() -> None:
    bare = receipt(
        bytes_billed=None, cost_usd=None, usd_per_tib=0.0, ran_at=None, approver=None, job_id=None, model=None,
        policy_version="", tables=(), more_tables=0, reasons=(), assumptions=(), title="",
    )  # fmt: skip
    text = render_receipt(bare, most_sql=1).text
    assert "Billed*: not run" in text
    assert "Slots that are paid for already" in text
    check_message(render_receipt(bare, most_sql=1))


def test_a_receipt_names_the_approver_the_price_and_newer_tables() -> None:
    text = render_receipt(receipt(), most_sql=1).text
    for part in ("approved by <@UBOSS>", "$6.25 per TiB", "after this answer", "databolt_1", "SELECT 1 &lt; 2"):
        assert part in text
