"""Slack's mrkdwn, both ways: what people typed, and what we write without pinging or linking anything by accident."""

import re
from typing import Final

from bot.i18n.numbers import moment_text

_CHANNEL_REFERENCE: Final = re.compile(r"<#[A-Z0-9]+\|([^>]+)>")
_LABELLED_LINK: Final = re.compile(r"<(?:https?://|mailto:|tel:)[^|>]+\|([^>]+)>")
_LINK: Final = re.compile(r"<(?:(?=https?://)|mailto:|tel:)([^|>]+)>")
_BOLD: Final = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_USER_ID: Final = re.compile(r"[UW][A-Z0-9]+")
_GROUP_ID: Final = re.compile(r"S[A-Z0-9]+")
_BARE_ADDRESS: Final = re.compile(r"(?<![<\w])(\w+)://")
_FENCE: Final = "```"
_ZERO_WIDTH_SPACE: Final = "\u200b"


def plain(text: str) -> str:
    """What the person typed: Slack itself turns `shop.orders.id` into a link, and `<` into `&lt;`."""
    text = _CHANNEL_REFERENCE.sub(r"#\1", text)
    text = _LABELLED_LINK.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\0", "").strip()


def escape(text: str) -> str:
    """*text* as text: without `<` there is no mention, no `<!channel>` and no link in mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unlinked(mrkdwn: str) -> str:
    """*mrkdwn* in which only our own links are links: outside of blocks Slack makes one of every bare address."""
    return _BARE_ADDRESS.sub(rf"\1:{_ZERO_WIDTH_SPACE}//", mrkdwn)


def from_markdown(text: str) -> str:
    """A model's words: text, in which `**bold**`, the one thing every model writes, stays bold."""
    return _BOLD.sub(r"*\1*", escape(text))


def code_block(text: str) -> str:
    """*text* in a code block it cannot leave."""
    return f"{_FENCE}{escape(text).replace(_FENCE, f'``{_ZERO_WIDTH_SPACE}`')}{_FENCE}"


class Mrkdwn:
    """How sentences of the catalogue are written in Slack."""

    def text(self, value: str) -> str:
        return escape(value)

    def user(self, user: str) -> str:
        return f"<@{escape(user)}>"

    def channel(self, channel: str) -> str:
        return f"<#{escape(channel)}>"

    def moment(self, unix_seconds: float) -> str:
        """In each reader's own time zone and language."""
        return f"<!date^{int(unix_seconds)}^{{date_short_pretty}} {{time}}|{moment_text(unix_seconds)}>"

    def member(self, name: str) -> str:
        """A person or a user group, by id; a handle as it is typed."""
        if _USER_ID.fullmatch(name):
            return self.user(name)
        return f"<!subteam^{name}>" if _GROUP_ID.fullmatch(name) else f"@{escape(name)}"


MRKDWN: Final = Mrkdwn()
