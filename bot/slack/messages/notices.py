"""Sentences that stand alone: refusals, failures, "stopped". Pure."""

from collections.abc import Sequence

from agent.notice import Notice
from agent.turn import Language
from bot.i18n.catalogue import say_notice
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import LONGEST_SECTION, Message, fitted, message, section


def render_notices(notices: Sequence[Notice], language: Language) -> Message:
    sentences = [say_notice(language, notice, style=MRKDWN) for notice in notices]
    return message(sentences, [section(fitted("\n".join(sentences), LONGEST_SECTION))])
