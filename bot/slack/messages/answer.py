"""An answer as a Slack message, always of one shape: the answer first, then notices, table, footer, buttons. Pure."""

from typing import Final

from agent.turn import Answer, DecisionWord, Table
from bot.i18n.catalogue import say, say_notice
from bot.slack.action_ids import ActionId, block_id
from bot.slack.markup import MRKDWN, code_block, escape, from_markdown
from bot.slack.messages.ages import age_text, stale_text
from bot.slack.messages.approval import add_buttons, add_facts, add_waiting
from bot.slack.messages.cells import lone_text
from bot.slack.messages.chart import Picture, add_chart, chart_select
from bot.slack.messages.feedback import feedback_buttons
from bot.slack.messages.files import file_buttons
from bot.slack.messages.message import (
    LONGEST_SECTION,
    Block,
    Message,
    button,
    context,
    fitted,
    message,
    prose,
    section,
    sql_sections,
)
from bot.slack.messages.receipt import receipt_buttons
from bot.slack.messages.suggestions import add_suggestions
from bot.slack.messages.table import render_table

_TABLES_NAMED: Final = 5
_LONGEST_TITLE: Final = 150
_FOLDED_SECTIONS: Final = 4


def render_answer(answer: Answer, seconds: float | None = None, picture: Picture | None = None) -> Message:
    """*seconds* is how long the person waited, where that is known; *picture* is of a chart that Slack cannot draw."""
    texts: list[str] = []
    blocks: list[Block] = []
    _add_headline(answer, picture, texts, blocks)
    if answer.assumptions:
        read_so = "; ".join(fitted(assumption, 300) for assumption in answer.assumptions)
        texts.append(say(answer.language, "answer.assumptions", style=MRKDWN, assumptions=read_so))
        blocks.append(context(fitted(texts[-1], LONGEST_SECTION)))
    for notice in answer.notices:
        sentence = say_notice(answer.language, notice, style=MRKDWN)
        texts.append(sentence)
        blocks.append(section(fitted(sentence, LONGEST_SECTION)))
    if answer.decision is DecisionWord.APPROVAL_REQUIRED and answer.approval_id is not None:
        _add_approval(answer, answer.approval_id, texts, blocks)
    elif answer.sql is not None and answer.table is None:
        _add_sql(answer, answer.sql, texts, blocks)
    elif answer.sql is not None and answer.sql.strip():
        blocks.append(_folded_sql(answer.sql))
    add_waiting(answer.waiting, answer.language, texts, blocks)
    if not blocks:
        texts.append(say(answer.language, "answer.nothing"))
        blocks.append(section(texts[-1]))
    if answer.is_stale and answer.ages:
        texts.append(stale_text(answer.ages, answer.language))
        blocks.append(context(texts[-1]))
    footer = _footer(answer, seconds)
    if footer:
        texts.append(footer)
        blocks.append(context(fitted(footer, LONGEST_SECTION)))
    buttons = _buttons(answer)
    if buttons:
        blocks.append({"type": "actions", "block_id": block_id("answer", answer.language), "elements": buttons})
    if answer.table is not None:
        blocks.append(feedback_buttons(answer))
    add_suggestions(answer, texts, blocks)
    return message(texts, blocks)


def _add_headline(answer: Answer, picture: Picture | None, texts: list[str], blocks: list[Block]) -> None:
    """The answer in one sentence; below it the chart and the table, where there is more than one value."""
    table = answer.table
    if table is None or not table.columns:
        if answer.text:
            texts.append(fitted(from_markdown(answer.text), LONGEST_SECTION))
            blocks.extend(prose(answer.text, answer.language))
        return
    if _is_one_value(table):
        column = table.columns[0]
        value = escape(
            fitted(lone_text(table.rows[0][0], column, answer.language), 500).replace("*", "\u2217").replace("\n", " ")
        )
        title = escape(fitted(answer.text or column.name, 1500))
        texts.append(f"*{value}* — {title}")
        blocks.append(section(texts[-1]))
        return
    title = fitted(answer.text or say(answer.language, "answer.result"), 2000)
    if not table.rows:
        texts.append(f"{escape(title)}\n{say(answer.language, 'answer.no_rows')}")
        blocks.append(section(texts[-1]))
        return
    count = say(answer.language, "answer.rows", count=table.total_rows)
    texts.append(f"{escape(title)} · {count}")
    blocks.append(section(fitted(texts[-1], LONGEST_SECTION)))
    add_chart(answer, picture, texts, blocks)
    rendered = render_table(table, title[:_LONGEST_TITLE], answer.language)
    texts.append(rendered.fallback)
    blocks.append(rendered.block)
    if rendered.caveats:
        texts.append(" ".join(rendered.caveats))
        blocks.append(context(texts[-1]))


def _is_one_value(table: Table) -> bool:
    return table.total_rows == 1 and len(table.rows) == 1 and len(table.columns) == 1


def _add_approval(answer: Answer, approval_id: str, texts: list[str], blocks: list[Block]) -> None:
    """What it would cost, what it would read and who decides; the SQL; what can be pressed."""
    add_facts(answer, _table_names(answer), texts, blocks)
    if answer.sql is not None:
        _add_sql(answer, answer.sql, texts, blocks)
    add_buttons(answer, approval_id, texts, blocks)


def _add_sql(answer: Answer, sql: str, texts: list[str], blocks: list[Block]) -> None:
    sections, is_cut = sql_sections(sql, most=1)
    texts.append(code_block(fitted(sql, 1200)))
    blocks.extend(sections)
    if is_cut:
        blocks.append(context(say(answer.language, "answer.sql_cut")))


def _folded_sql(sql: str) -> Block:
    """What ran, for whoever opens it; Show SQL has it to its last character."""
    sections, _ = sql_sections(sql, most=_FOLDED_SECTIONS)
    return {
        "type": "container",
        "title": {"type": "plain_text", "text": "SQL"},
        "child_blocks": sections,
        "is_collapsible": True,
        "default_collapsed": True,
    }


def _footer(answer: Answer, seconds: float | None) -> str:
    language, bill = answer.language, answer.bill
    parts: list[str] = []
    if answer.ran_at is not None:
        parts.append(say(language, "answer.from_cache", style=MRKDWN, ran_at=answer.ran_at))
    if answer.decision is not DecisionWord.APPROVAL_REQUIRED:
        if answer.tables_read:
            tables = _table_names(answer)
            parts.append(say(language, "answer.tables", style=MRKDWN, tables=tables, count=len(answer.tables_read)))
        parts.extend(age_text(age, language) for age in answer.ages)
        if bill.bytes_billed is not None:
            parts.append(say(language, "answer.billed", bytes=bill.bytes_billed))
        elif bill.bytes_estimated is not None:
            parts.append(say(language, "answer.estimated", bytes=bill.bytes_estimated))
        if bill.cost_usd is not None and (bill.bytes_billed is not None or bill.bytes_estimated is not None):
            parts.append(say(language, "answer.cost", style=MRKDWN, cost=bill.cost_usd))
    seconds = answer.seconds if seconds is None else seconds
    if seconds is not None and (parts or answer.table is not None):
        parts.append(say(language, "answer.seconds", seconds=seconds))
    return " · ".join(parts)


def _table_names(answer: Answer) -> str:
    """`dataset.table`: the project is the same for nearly all of them, and long."""
    names = [name.split(".", 1)[-1] if name.count(".") >= 2 else name for name in answer.tables_read]
    named = ", ".join(name[:150] for name in names[:_TABLES_NAMED])
    if len(names) <= _TABLES_NAMED:
        return named
    return say(answer.language, "answer.more_tables", tables=named, more=len(names) - _TABLES_NAMED)


def _buttons(answer: Answer) -> list[Block]:
    if answer.sql is None:
        return []
    select = chart_select(answer)
    shown = button(answer.language, ActionId.SHOW_SQL, answer.turn_id)
    refine = [button(answer.language, ActionId.REFINE, answer.turn_id)] if answer.table is not None else []
    return [shown, *receipt_buttons(answer), *refine, *file_buttons(answer), *([select] if select else [])]
