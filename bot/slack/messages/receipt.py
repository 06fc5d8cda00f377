"""A receipt as blocks: what it cost first, then who decided and what it was made of, the SQL at the end. Pure."""

from collections.abc import Mapping
from typing import Final

from agent.turn import Answer, DecisionWord, Language
from bot.i18n.catalogue import say, say_notice
from bot.i18n.numbers import bytes_text, usd_text
from bot.receipts.receipt import ModelBill, Receipt, TableAge
from bot.slack.action_ids import ActionId
from bot.slack.markup import MRKDWN, code_block, escape
from bot.slack.messages.message import (
    LONGEST_SECTION,
    Block,
    Message,
    button,
    context,
    fitted,
    message,
    section,
    sql_sections,
)

_LONGEST_FIELD: Final = 2000
_LONGEST_TITLE: Final = 300
_FIELDS_IN_A_ROW: Final = 10
_SQL_IN_FALLBACK: Final = 1500


def render_receipt(receipt: Receipt, *, most_sql: int) -> Message:
    """*most_sql*: sections that the SQL may take."""
    language = receipt.language
    texts: list[str] = []
    blocks: list[Block] = []
    if receipt.title:
        title = escape(fitted(receipt.title, _LONGEST_TITLE)).replace("*", "\u2217")
        texts.append(f"*{title}*")
        blocks.append(section(texts[-1]))
    if receipt.ran_at is not None:
        texts.append(say(language, "receipt.from_cache", style=MRKDWN, ran_at=receipt.ran_at))
        blocks.append(section(texts[-1]))
    _add_fields({**_costs(receipt), **_origins(receipt)}, language, texts, blocks)
    for code, lines in _lists(receipt).items():
        if lines:
            texts.append("\n".join([f"*{say(language, code)}*", *(f"• {line}" for line in lines)]))
            blocks.append(section(fitted(texts[-1], LONGEST_SECTION)))
    texts.append(code_block(fitted(receipt.sql, _SQL_IN_FALLBACK)))
    sections, is_cut = sql_sections(receipt.sql, most=most_sql)
    blocks.extend(sections)
    if is_cut:
        blocks.append(context(say(language, "modal.sql_cut")))
    return message(texts, blocks)


def receipt_buttons(answer: Answer) -> list[Block]:
    """For what ran or was priced, but for a card: that says it itself. What came from the cache can be run anew."""
    bill = answer.bill
    is_card = answer.decision is DecisionWord.APPROVAL_REQUIRED
    if is_card or (bill.bytes_billed is None and bill.bytes_estimated is None):
        return []
    actions = [ActionId.RECEIPT, *([ActionId.RUN_AGAIN] if answer.ran_at is not None else [])]
    return [button(answer.language, action, answer.turn_id) for action in actions]


def _costs(receipt: Receipt) -> Mapping[str, str]:
    language = receipt.language
    unknown = say(language, "card.unknown")
    billed = receipt.bytes_billed
    per_tib = say(language, "receipt.per_tib", usd=receipt.usd_per_tib)
    return {
        "receipt.cost": unknown if receipt.cost_usd is None else usd_text(receipt.cost_usd),
        "receipt.billed": say(language, "receipt.not_run") if billed is None else bytes_text(billed),
        "receipt.estimated": unknown if receipt.bytes_estimated is None else bytes_text(receipt.bytes_estimated),
        "receipt.price": per_tib if receipt.usd_per_tib else say(language, "receipt.capacity"),
    }


def _origins(receipt: Receipt) -> Mapping[str, str]:
    """Who decided, which job, which model: what is known of it."""
    language = receipt.language
    fields: dict[str, str] = {}
    if receipt.decision is not None:
        word = say(language, f"word.{receipt.decision}")
        if receipt.approver is not None:
            approved = say(language, "word.approved")
            word = say(language, "receipt.approved_by", style=MRKDWN, word=approved, user=receipt.approver)
        fields["receipt.decision"] = word
    if receipt.job_id is not None:
        fields["receipt.job"] = f"`{escape(receipt.job_id)}`"
    if receipt.model is not None:
        fields["receipt.model"] = _model_line(receipt.model, language)
    if receipt.policy_version:
        fields["receipt.policy"] = f"`{escape(receipt.policy_version)}`"
    return fields


def _model_line(model: ModelBill, language: Language) -> str:
    named = {"model": model.name, "calls": model.calls, "tokens": model.tokens}
    line = say(language, "receipt.model_line", style=MRKDWN, **named)
    return line if model.cost_usd is None else f"{line} · {usd_text(float(model.cost_usd))}"


def _add_fields(fields: Mapping[str, str], language: Language, texts: list[str], blocks: list[Block]) -> None:
    labelled = [f"*{say(language, code)}*\n{value}" for code, value in fields.items()]
    texts.extend(field.replace("\n", ": ") for field in labelled)
    shown = [{"type": "mrkdwn", "text": fitted(field, _LONGEST_FIELD), "verbatim": True} for field in labelled]
    blocks.append({"type": "section", "fields": shown[:_FIELDS_IN_A_ROW]})


def _lists(receipt: Receipt) -> Mapping[str, list[str]]:
    language = receipt.language
    tables = [_table_line(table, language) for table in receipt.tables]
    if receipt.more_tables > 0:
        tables.append(say(language, "receipt.more_tables", count=receipt.more_tables))
    return {
        "receipt.tables": tables,
        "receipt.reasons": [say_notice(language, reason, style=MRKDWN) for reason in receipt.reasons],
        "receipt.assumptions": [escape(assumption) for assumption in receipt.assumptions],
    }


def _table_line(table: TableAge, language: Language) -> str:
    if table.changed_at is None:
        return say(language, "receipt.table_unknown", style=MRKDWN, table=table.name)
    code = "receipt.table_changed_since" if table.is_newer else "receipt.table_changed"
    return say(language, code, style=MRKDWN, table=table.name, at=table.changed_at)
