"""The Home tab. Pure. A later section is one function more in `_SECTIONS`.

The view's `private_metadata` is the person's direct message with the bot: what is pressed here names no channel.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from agent.notice import Notice
from bot.home.contents import Home, OpenApproval
from bot.i18n.catalogue import say, say_notice
from bot.i18n.numbers import usd_text
from bot.slack.action_ids import ActionId, block_id
from bot.slack.markup import MRKDWN, escape
from bot.slack.messages.message import LONGEST_SECTION, Block, context, fitted, section, sql_sections

MOST_APPROVALS: Final = 12
"""Each takes up to four of a view's hundred blocks."""
_MOST_BLOCKS: Final = 100
_LONGEST_QUESTION: Final = 200

Links = Mapping[tuple[str, str], str]
"""Permalinks, by channel and ts; where Slack gave none the words stand alone."""


def render_home(home: Home, links: Links) -> dict[str, Any]:
    blocks = [section(say(home.language, "home.hello"))]
    for add in _SECTIONS:
        blocks.extend(add(home, links))
    return {"type": "home", "private_metadata": home.channel, "blocks": blocks[:_MOST_BLOCKS]}


def places_in(home: Home) -> list[tuple[str, str]]:
    """What *render_home* wants links to."""
    asked = [(question.channel, question.ts) for question in home.questions or ()]
    return asked + [(one.channel, one.ts) for one in (home.waiting or ())[:MOST_APPROVALS] if one.ts is not None]


def _told(home: Home, links: Links) -> list[Block]:
    return [section(_sentence(home, notice)) for notice in home.told]


def _waiting(home: Home, links: Links) -> list[Block]:
    """Nothing where nothing waits: it is what people are called for, so it stands first."""
    if home.waiting is None:
        return [_heading(home, "home.waiting"), _not_read(home)]
    if not home.waiting:
        return []
    blocks = [_heading(home, "home.waiting")]
    for number, one in enumerate(home.waiting[:MOST_APPROVALS]):
        blocks.extend(_approval(home, one, number, links))
    if len(home.waiting) > MOST_APPROVALS:
        blocks.append(context(say(home.language, "home.more_waiting", count=len(home.waiting) - MOST_APPROVALS)))
    return blocks


def _approval(home: Home, one: OpenApproval, number: int, links: Links) -> list[Block]:
    request = one.approval.request
    cost = request.cost_ceiling_usd
    price = say(home.language, "card.unknown") if cost is None else usd_text(cost)
    facts = say(home.language, "home.asked_up_to", style=MRKDWN, by=request.requester, price=price)
    until = f"{say(home.language, 'card.until')}: {_when(home, request.expires_at)}"
    question = _linked(request.question, links.get((one.channel, one.ts or "")))
    blocks = [section(f"{question}\n{facts} · {until}")]
    if not one.may_decide:
        return blocks
    # Whoever is named may be in another room: the card itself is not theirs to open.
    blocks.extend(sql_sections(fitted(request.sql, 1200), most=1)[0])
    elements = [
        _button(home, ActionId.HOME_APPROVE, "button.approve", one.approval.id) | {"style": "primary"},
        _button(home, ActionId.HOME_CANCEL, "button.cancel", one.approval.id) | {"style": "danger"},
    ]
    blocks.append({"type": "actions", "block_id": block_id(f"home-{number}", home.language), "elements": elements})
    return blocks


def _questions(home: Home, links: Links) -> list[Block]:
    blocks = [_heading(home, "home.questions")]
    if home.questions is None:
        return [*blocks, _not_read(home)]
    if not home.questions:
        return [*blocks, section(say(home.language, "home.no_questions"))]
    lines = [
        f"• {_linked(question.text, links.get((question.channel, question.ts)))} · {_when(home, question.asked_at)}"
        for question in home.questions
    ]
    return [*blocks, section(fitted("\n".join(lines), LONGEST_SECTION))]


def _budget(home: Home, links: Links) -> list[Block]:
    blocks = [_heading(home, "home.budget")]
    if home.budget is None:
        return [*blocks, _not_read(home)]
    lines = [_sentence(home, line) for line in home.budget or (Notice("budget.none"),)]
    return [*blocks, section(fitted("\n".join(lines), LONGEST_SECTION))]


def _connections(home: Home, links: Links) -> list[Block]:
    if not home.connections:
        return []
    lines = [_sentence(home, state) for state in home.connections]
    return [_heading(home, "home.connection"), section(fitted("\n".join(lines), LONGEST_SECTION))]


def _settings(home: Home, links: Links) -> list[Block]:
    chosen = home.preferences
    values = {
        "language": chosen.language and say(home.language, f"settings.language_{chosen.language}"),
        "time_zone": chosen.time_zone,
        "shown_as": chosen.shown_as and say(home.language, f"settings.shown_as_{chosen.shown_as}"),
    }
    lines = [
        f"{say(home.language, f'settings.{name}')}: *{value or say(home.language, f'settings.automatic_{name}')}*"
        for name, value in values.items()
    ]
    button = _button(home, ActionId.SETTINGS, "button.settings", "open")
    return [
        _heading(home, "home.settings"),
        section("\n".join(lines)),
        {"type": "actions", "block_id": block_id("settings", home.language), "elements": [button]},
    ]


_SECTIONS: Final[tuple[Callable[[Home, Links], list[Block]], ...]] = (
    _told,
    _waiting,
    _questions,
    _budget,
    _connections,
    _settings,
)
"""From top to bottom; each is whole in itself."""


def _heading(home: Home, code: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": say(home.language, code)}}


def _not_read(home: Home) -> Block:
    return section(say(home.language, "home.not_read"))


def _sentence(home: Home, notice: Notice) -> str:
    return say_notice(home.language, notice, style=MRKDWN)


def _button(home: Home, action: ActionId, code: str, value: str) -> Block:
    text = {"type": "plain_text", "text": say(home.language, code)}
    return {"type": "button", "action_id": action.value, "text": text, "value": value}


def _linked(words: str, link: str | None) -> str:
    shown = escape(fitted(" ".join(words.split()), _LONGEST_QUESTION))
    # In a link's label a bar would begin another one.
    return f"<{link}|{shown.replace('|', '/')}>" if link else shown


def _when(home: Home, at: datetime) -> str:
    """In the zone they chose; else Slack writes it in theirs."""
    zone = home.preferences.time_zone
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if zone else MRKDWN.moment(at.timestamp())
