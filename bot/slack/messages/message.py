"""A Slack message, and the few blocks that every message is made of. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from agent.sql.layout import laid_out
from agent.turn import Language
from bot.i18n.catalogue import say
from bot.slack.action_ids import ActionId
from bot.slack.markup import MRKDWN, code_block, from_markdown

Block: TypeAlias = dict[str, Any]

LONGEST_SECTION: Final = 3000
LONGEST_FALLBACK: Final = 3900
"""Slack recommends less than 4 000 characters for `text`, and cuts it at 40 000."""
MOST_BLOCKS: Final = 50
LONGEST_ANSWER: Final = 12_000
"""Characters of prose in one message; what is longer belongs in a file."""


@dataclass(frozen=True, slots=True)
class Message:
    """`text` alone says all of it: notifications and screen readers get it, everybody when Slack rejects the blocks."""

    text: str
    blocks: tuple[Block, ...] = ()


def message(texts: Iterable[str], blocks: Iterable[Block]) -> Message:
    """The fallback is *texts*, one below the other, as far as they fit."""
    return Message(fitted("\n".join(text for text in texts if text), LONGEST_FALLBACK), tuple(blocks)[:MOST_BLOCKS])


def below(line: str, block: Block, under: Message) -> Message:
    """*under*, with *line* (and its *block*) above it."""
    text = fitted(f"{line}\n{under.text}", LONGEST_FALLBACK)
    return Message(text, (block, *under.blocks)[:MOST_BLOCKS] if under.blocks else ())


def fitted(text: str, limit: int) -> str:
    """*text*, at most *limit* characters of it; a code block that the cut would leave open is closed."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 5].rsplit("&", 1)[0] if "&" in text[limit - 10 : limit - 5] else text[: limit - 5]
    return cut + ("…\n```" if cut.count("```") % 2 else "…")


def section(mrkdwn: str) -> Block:
    """`verbatim`: Slack turns no bare address, name or channel in it into a link."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}}


def context(mrkdwn: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn, "verbatim": True}]}


def button(language: Language, action: ActionId, value: str, style: str | None = None) -> Block:
    element: Block = {
        "type": "button",
        "action_id": action.value,
        "text": {"type": "plain_text", "text": say(language, f"button.{action}")},
        "value": value,
    }
    return element | ({"style": style} if style else {})


def prose(text: str, language: Language) -> list[Block]:
    """*text*, as text, in as many sections as it needs; beyond LONGEST_ANSWER a sentence says that it is cut."""
    pieces = split(text[:LONGEST_ANSWER], LONGEST_SECTION // 2)
    blocks = [section(escaped) for piece in pieces for escaped in split(from_markdown(piece), LONGEST_SECTION)]
    if len(text) > LONGEST_ANSWER:
        blocks.append(context(say(language, "answer.text_cut", style=MRKDWN)))
    return blocks


def sql_sections(sql: str, most: int) -> tuple[list[Block], bool]:
    """*sql*, laid out, in up to *most* code blocks, cut at line ends; True when something was left out."""
    # Escaping grows a character to five at most, and a fence is seven long.
    pieces = split(laid_out(sql), 2800)
    blocks: list[Block] = []
    for piece in pieces:
        for part in [piece] if len(code_block(piece)) <= LONGEST_SECTION else split(piece, 550):
            blocks.append(section(code_block(part)))
    return blocks[:most], len(blocks) > most


def split(text: str, size: int) -> list[str]:
    """Pieces of at most *size* characters, broken at line ends, else at spaces, else anywhere."""
    pieces: list[str] = []
    while len(text) > size:
        at = text.rfind("\n", size // 2, size)
        if at < 0:
            at = text.rfind(" ", size // 2, size)
        at = size if at < 0 else at + 1
        pieces.append(text[:at])
        text = text[at:]
    if text.strip():
        pieces.append(text)
    return [piece for piece in pieces if piece.strip()]
