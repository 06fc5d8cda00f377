"""What an answer shows while it waits for a person's word, and once the word was given. Pure."""

from typing import Final

from agent.turn import Answer, Card, Language, Twin, Waiting
from bot.i18n.catalogue import say, say_notice
from bot.i18n.numbers import bytes_text, usd_text
from bot.slack.action_ids import ActionId, block_id, numbered
from bot.slack.markup import MRKDWN, escape
from bot.slack.messages.message import LONGEST_SECTION, Block, button, context, fitted, section

_LONGEST_FIELD: Final = 2000
_LONGEST_QUESTION: Final = 300
_MOST_WAITING: Final = 10
"""Approvals that are told apart in one message; each takes two blocks of Slack's fifty."""


def add_facts(answer: Answer, table_names: str, texts: list[str], blocks: list[Block]) -> None:
    """Price, bytes and tables; who decides and until when, or who did."""
    language, bill, card = answer.language, answer.bill, answer.card
    unknown = say(language, "card.unknown")
    fields = {
        "card.price": unknown if bill.cost_usd is None else usd_text(bill.cost_usd),
        "card.bytes": unknown if bill.bytes_estimated is None else bytes_text(bill.bytes_estimated),
        "card.tables": escape(table_names) or unknown,
    }
    if card is not None and card.state == "pending":
        fields["card.who"] = _deciders(card, language)
        fields["card.until"] = MRKDWN.moment(card.expires_at)
    if card is not None and card.state != "pending":
        texts.append(_outcome(card, language))
        blocks.append(section(texts[-1]))
    elif not answer.notices:
        texts.append(say(language, "card.question"))
        blocks.append(section(texts[-1]))
    labelled = [f"*{say(language, code)}*\n{value}" for code, value in fields.items()]
    texts.extend(field.replace("\n", ": ") for field in labelled)
    shown = [{"type": "mrkdwn", "text": fitted(field, _LONGEST_FIELD), "verbatim": True} for field in labelled]
    blocks.append({"type": "section", "fields": shown})


def add_buttons(answer: Answer, approval_id: str, texts: list[str], blocks: list[Block]) -> None:
    """Yes, no, and the cheaper ones; nothing once it was decided."""
    if answer.card is not None and answer.card.state != "pending":
        return
    language = answer.language
    blocks.append(_decision_buttons(language, approval_id, "approval"))
    if not answer.twins:
        return
    lines = [say(language, "card.twins"), *(_twin_line(twin, language) for twin in answer.twins)]
    texts.append("\n".join(lines))
    blocks.append(context(fitted(texts[-1], LONGEST_SECTION)))
    elements = [_twin_button(twin, number, answer) for number, twin in enumerate(answer.twins)]
    blocks.append({"type": "actions", "block_id": block_id("twins", language), "elements": elements})


def add_waiting(waiting: tuple[Waiting, ...], language: Language, texts: list[str], blocks: list[Block]) -> None:
    """A bare yes could mean any of these: each has buttons of its own, which carry its own id."""
    for number, one in enumerate(waiting[:_MOST_WAITING]):
        price = say(language, "card.unknown") if one.cost_usd is None else usd_text(one.cost_usd)
        texts.append(f"{number + 1}. {escape(fitted(one.question, _LONGEST_QUESTION))} · {price}")
        blocks.append(section(texts[-1]))
        blocks.append(_decision_buttons(language, one.approval_id, f"approval-{number}"))


def _decision_buttons(language: Language, approval_id: str, name: str) -> Block:
    elements = [
        button(language, ActionId.APPROVE, approval_id, "primary"),
        button(language, ActionId.CANCEL, approval_id, "danger"),
    ]
    return {"type": "actions", "block_id": block_id(name, language), "elements": elements}


def _deciders(card: Card, language: Language) -> str:
    if not card.named:
        code = "card.everybody" if card.requester_may else "card.everybody_but"
        return say(language, code, style=MRKDWN, by=card.requester)
    others = [name for name in card.named if name != card.requester]
    names = [card.requester, *others] if card.requester_may or len(others) < len(card.named) else others
    return " ".join(MRKDWN.member(name) for name in names)


def _outcome(card: Card, language: Language) -> str:
    at = card.decided_at if card.decided_at is not None else card.expires_at
    return say(language, f"card.{card.state}", style=MRKDWN, by=card.decided_by or "", at=at)


def _twin_line(twin: Twin, language: Language) -> str:
    gives_up = say_notice(language, twin.gives_up, style=MRKDWN)
    price = say(language, "card.unknown") if twin.cost_usd is None else usd_text(twin.cost_usd)
    return f"• {gives_up} · {bytes_text(twin.bytes_estimated)} · {price}"


def _twin_button(twin: Twin, number: int, answer: Answer) -> Block:
    """Named for what it gives up: `button.twin.period`."""
    return {
        "type": "button",
        "action_id": numbered(ActionId.TWIN, number),
        "text": {"type": "plain_text", "text": say(answer.language, f"button.{twin.gives_up.code}")},
        "value": f"{number}:{answer.turn_id}",
    }
