"""What the bot's commands are. Pure."""

from typing import Final

from agent.turn import Language
from bot.i18n.catalogue import say
from bot.slack.messages.help import render_help
from bot.slack.messages.message import Message, message, section

DATA_WORDS: Final = ("ask", "new", "budget", "receipt", "help")


def render_command_help(language: Language) -> Message:
    """What can be asked, and how."""
    help_ = render_help(language)
    commands = _commands(language)
    return message([help_.text, commands], [*help_.blocks, section(commands)])


def render_unknown_command(language: Language) -> Message:
    unknown, commands = say(language, "command.unknown"), _commands(language)
    return message([unknown, commands], [section(unknown), section(commands)])


def _commands(language: Language) -> str:
    return "\n".join(f"• {say(language, f'command.{word}')}" for word in DATA_WORDS)
