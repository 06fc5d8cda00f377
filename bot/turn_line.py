"""The one canonical line of a turn: what an operator asks about it, whatever became of it. Never words, never rows."""

import time
from datetime import UTC, datetime
from typing import Any

import structlog

from agent.turn import Answer
from bot.inbox.items import TurnRequested
from bot.turn_outcome import TurnOutcome, turn_outcome

log = structlog.get_logger(__name__)


class TurnLine:
    """Begun with an attempt, written by the attempt that ends the turn; one that will be tried again writes none."""

    def __init__(self, item: TurnRequested, attempt: int | None = None) -> None:
        """*attempt* is None where the turn is given up, which is no attempt at it."""
        self._item = item
        self._attempt = attempt
        self._started = time.monotonic()
        self._waited = self._since_spoken()
        self._first_sign: float | None = None

    def sign_shown(self) -> None:
        """Something of the reply stands in Slack."""
        if self._first_sign is None:
            self._first_sign = self._since_spoken()

    def answered(self, answer: Answer) -> None:
        """The turn came to *answer*, and people have it."""
        approval = answer.approval_id or self._item.approval_id
        # From the person's message on, as `slackbot_answer_seconds`: what the alarm on slow answers reads.
        self._write(turn_outcome(answer), **_told_by(answer), approval=approval, answer_seconds=self._since_spoken())

    def ended(self, outcome: TurnOutcome, *, why: str) -> None:
        """The turn is over without the analyst's answer: it was turned away, or given up."""
        self._write(outcome, why=why)

    def unheard(self) -> None:
        """People talked among themselves, and nothing was asked of us or of a model: no news for anybody."""
        log.debug("turn.finished", outcome="silent", turn=self._item.dedupe_key)

    def _write(self, outcome: TurnOutcome, **told: Any) -> None:
        item = self._item
        fields: dict[str, Any] = {
            "turn": item.dedupe_key,
            "conversation": item.conversation,
            "user": item.user,
            "surface": item.surface,
            "attempt": self._attempt,
            "waited": self._waited,
            "first_sign": self._first_sign,
            "seconds": round(time.monotonic() - self._started, 3),
            **told,
        }
        log.info(
            "turn.finished", outcome=outcome, **{name: value for name, value in fields.items() if value is not None}
        )

    def _since_spoken(self) -> float:
        """Seconds by Slack's clock and ours, which may differ a little."""
        return round(max(0.0, datetime.now(UTC).timestamp() - float(self._item.spoken_at)), 3)


def _told_by(answer: Answer) -> dict[str, Any]:
    bill, usage = answer.bill, answer.usage
    return {
        "action": answer.route.action.value if answer.route else None,
        "decision": answer.decision.value if answer.decision else None,
        "error": answer.error,
        "language": answer.language,
        "rows": answer.table.total_rows if answer.table else None,
        "bytes": bill.bytes_billed,
        "usd": bill.cost_usd if bill.bytes_billed is not None else None,
        "job": answer.job_id,
        "is_cached": answer.ran_at is not None,
        "model_calls": usage.calls,
        "tokens_in": usage.input_tokens,
        "tokens_out": usage.output_tokens,
    }
