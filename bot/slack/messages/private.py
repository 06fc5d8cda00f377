"""The fuller answer, as a direct message to the asker: why it comes, where they asked, then the answer. Pure."""

import re
from typing import Final

from agent.turn import Answer
from bot.i18n.catalogue import say
from bot.slack.markup import MRKDWN, escape
from bot.slack.messages.answer import render_answer
from bot.slack.messages.chart import Picture
from bot.slack.messages.message import Message, below, context

_ADDRESS: Final = re.compile(r"https?://[^\s<>|]+")


def render_private(answer: Answer, channel: str, link: str | None, picture: Picture | None = None) -> Message:
    """*link* is Slack's own address of the thread where it was asked."""
    why = say(answer.language, "private.asked_in", style=MRKDWN, channel=channel)
    if link is not None and _ADDRESS.fullmatch(link):
        why = f"{why} <{escape(link)}|{say(answer.language, 'private.open_thread')}>"
    return below(why, context(why), render_answer(answer, None, picture))
