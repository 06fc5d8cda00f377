"""What a turn came to, told of its item's span; what follows its answer is a span of its own."""

from agent.turn import Answer, OnProgress, Turn
from bot.freshness import Answers
from bot.tracing.spans import Spans, tell_item
from bot.tracing.tracing import Attributes
from bot.turn_outcome import turn_outcome


class TracedAnswers:
    """`bot.turns.Answers`."""

    def __init__(self, answers: Answers, spans: Spans) -> None:
        self._answers = answers
        self._spans = spans

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        answer = await self._answers.answer(turn, on_progress)
        tell_item(told_by(answer))
        return answer

    async def tidy(self, turn: Turn) -> None:
        with self._spans.open("tidy"):
            await self._answers.tidy(turn)

    async def stop(self, turn: Turn) -> Answer:
        with self._spans.open("stop"):
            answer = await self._answers.stop(turn)
        tell_item(told_by(answer))
        return answer


def told_by(answer: Answer) -> Attributes:
    """The words of `turn.finished` in the log."""
    return {
        "slackbot.turn.outcome": turn_outcome(answer),
        "slackbot.turn.action": answer.route.action.value if answer.route else None,
        "slackbot.turn.decision": answer.decision.value if answer.decision else None,
        "slackbot.turn.error": answer.error,
        "slackbot.turn.language": answer.language,
        "slackbot.turn.is_cached": answer.ran_at is not None,
        "slackbot.turn.model_calls": answer.usage.calls,
        "slackbot.bigquery.bytes_billed": answer.bill.bytes_billed,
    }
