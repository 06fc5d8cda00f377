"""From the shortcut on a message to a turn about it. Pure."""

from decimal import Decimal

from agent.turn import Said
from bot.inbox.items import TurnRequested
from bot.slack.fields import Body, id_of, object_of, optional_ts
from bot.slack.markup import plain
from bot.slack.modals.ask_about import LONGEST_QUOTE, Subject, question_in, subject_in


def subject_of(body: Body) -> Subject:
    """Of a message_action. ParseError for what is no message."""
    message = object_of(body, "message")
    text, user = message.get("text"), message.get("user")
    return Subject(
        channel=id_of(object_of(body, "channel"), "id"),
        ts=id_of(message, "ts"),
        thread_ts=optional_ts(message, "thread_ts"),
        user=user if isinstance(user, str) else "",
        text=_quotable(text) if isinstance(text, str) else "",
    )


def _quotable(text: str) -> str:
    """Without control characters and halves of characters: JSON writes each as six, or not at all."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in plain(text)[:LONGEST_QUOTE])


def question_from_submission(body: Body, arrived: Decimal) -> TurnRequested:
    """Answered in the message's own thread, where nobody has read the question: the reply quotes it."""
    view = object_of(body, "view")
    subject = subject_in(view)
    question, _ = question_in(view)
    team = id_of(object_of(body, "team"), "id")
    thread = subject.thread_ts or subject.ts
    return TurnRequested(
        dedupe_key=f"submit:{id_of(view, 'id')}:{id_of(view, 'hash')}",
        conversation=f"{team}:{subject.channel}:{thread}",
        spoken_at=arrived,
        team=team,
        channel=subject.channel,
        thread_ts=thread,
        user=id_of(object_of(body, "user"), "id"),
        text=question,
        surface="dm" if subject.channel.startswith("D") else "channel",
        unseen=True,
        about=Said(subject.user, subject.text) if subject.text else None,
    )
