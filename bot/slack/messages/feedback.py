"""The two buttons that say whether an answer was good. Pure."""

from agent.turn import Answer
from bot.i18n.catalogue import say
from bot.slack.action_ids import ActionId, block_id
from bot.slack.messages.message import Block


def feedback_buttons(answer: Answer) -> Block:
    return {
        "type": "context_actions",
        "block_id": block_id("feedback", answer.language),
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": ActionId.FEEDBACK.value,
                "positive_button": _button(answer, "good"),
                "negative_button": _button(answer, "bad"),
            }
        ],
    }


def _button(answer: Answer, verdict: str) -> Block:
    words = say(answer.language, f"button.feedback.{verdict}")
    return {
        "text": {"type": "plain_text", "text": words},
        "accessibility_label": words,
        "value": f"{verdict}:{answer.turn_id}",
    }
