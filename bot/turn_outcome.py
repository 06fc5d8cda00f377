"""What became of a turn, in one word: for the canonical log line and the counters alike."""

from typing import Final, Literal, TypeAlias, get_args

from agent.turn import Answer, DecisionWord

TurnOutcome: TypeAlias = Literal["answered", "asked", "refused", "failed", "stopped", "silent"]
"""asked: a question back, or an approval that waits. silent: it was not for us."""

TURN_OUTCOMES: Final[tuple[TurnOutcome, ...]] = get_args(TurnOutcome)

_NOT_OUR_FAULT: Final = frozenset(
    {"BudgetSpent", "BytesBilledExceeded", "InvalidQuery", "NotFound", "NothingReadable", "ResultGone"}
)
"""A limit that somebody set, SQL that somebody wrote, rows that BigQuery has dropped: we did what we should."""


def turn_outcome(answer: Answer) -> TurnOutcome:
    """Of a turn that came to an answer. One that nobody stopped and nothing answered is `failed` (it was given up)."""
    if not answer.is_for_us:
        return "silent"
    if any(notice.code == "turn.stopped" for notice in answer.notices):
        return "stopped"
    if answer.error is not None:
        return "refused" if answer.error in _NOT_OUR_FAULT else "failed"
    if answer.decision is DecisionWord.BLOCKED:
        return "refused"
    if answer.choices or answer.waiting or answer.approval_id is not None:
        return "asked"
    return "answered"
