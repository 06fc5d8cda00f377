"""What somebody sees who mentions the bot and says nothing. Pure."""

from agent.turn import Language
from bot.i18n.catalogue import say
from bot.slack.messages.message import Message, context, message, section

_EXAMPLES = ("help.example_count", "help.example_schema", "help.example_explain")


def example_questions(language: Language) -> tuple[str, ...]:
    """What can be asked as it stands."""
    return tuple(say(language, code) for code in _EXAMPLES[:-1])


def render_help(language: Language) -> Message:
    hello = say(language, "help.hello")
    examples = "\n".join([say(language, "help.examples"), *(f"• {say(language, code)}" for code in _EXAMPLES)])
    promise = say(language, "help.promise")
    return message([hello, examples, promise], [section(hello), section(examples), context(promise)])
