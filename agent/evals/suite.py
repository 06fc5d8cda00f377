"""Asks the golden questions one after the other and tells honestly what came back."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import structlog

from agent.errors import AgentError
from agent.evals.compare import equals_gold
from agent.evals.golden import Golden
from agent.turn import Answer

log = structlog.get_logger(__name__)

Ask: TypeAlias = Callable[[str], Awaitable[Answer]]
OnVerdict: TypeAlias = Callable[["Verdict"], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one question went."""

    id: int | str
    question: str
    is_right: bool
    why: str
    """`right`, `wrong_result`, `no_query`, `blocked`, `approval_required`, or the error's class name."""
    action: str | None
    sql: str | None
    seconds: float
    input_tokens: int
    output_tokens: int
    bytes_billed: int


@dataclass(frozen=True, slots=True)
class SuiteReport:
    verdicts: tuple[Verdict, ...]

    @property
    def right(self) -> int:
        return sum(verdict.is_right for verdict in self.verdicts)

    @property
    def total(self) -> int:
        return len(self.verdicts)

    def to_plain(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "total": self.total,
            "right": self.right,
            "accuracy": round(self.right / self.total, 4) if self.total else None,
            "seconds": round(sum(verdict.seconds for verdict in self.verdicts), 1),
            "input_tokens": sum(verdict.input_tokens for verdict in self.verdicts),
            "output_tokens": sum(verdict.output_tokens for verdict in self.verdicts),
            "bytes_billed": sum(verdict.bytes_billed for verdict in self.verdicts),
            "questions": [asdict(verdict) for verdict in self.verdicts],
        }


async def run_suite(
    questions: Sequence[Golden],
    ask: Ask,
    *,
    on_verdict: OnVerdict = lambda verdict: None,
    clock: Callable[[], float] = time.monotonic,
) -> SuiteReport:
    """Every question in a conversation of its own; an error is a wrong answer and the run goes on."""
    verdicts: list[Verdict] = []
    for golden in questions:
        started = clock()
        answer, failure = await _answer_or_failure(ask, golden)
        verdict = _judge(golden, answer, failure, clock() - started)
        verdicts.append(verdict)
        on_verdict(verdict)
    return SuiteReport(tuple(verdicts))


async def _answer_or_failure(ask: Ask, golden: Golden) -> tuple[Answer | None, str]:
    try:
        return await ask(golden.question), ""
    except AgentError as error:
        log.warning("evals.question_failed", question=golden.id, error=type(error).__name__)
        return None, type(error).__name__


def _judge(golden: Golden, answer: Answer | None, failure: str, seconds: float) -> Verdict:
    why = failure or _why(golden, answer)
    return Verdict(
        id=golden.id,
        question=golden.question,
        is_right=why == "right",
        why=why,
        action=answer.route.action if answer and answer.route else None,
        sql=answer.sql if answer else None,
        seconds=round(seconds, 2),
        input_tokens=answer.usage.input_tokens if answer else 0,
        output_tokens=answer.usage.output_tokens if answer else 0,
        bytes_billed=(answer.bill.bytes_billed or 0) if answer else 0,
    )


def _why(golden: Golden, answer: Answer | None) -> str:
    if answer is None:
        return "no_query"
    if answer.error:
        return answer.error
    if answer.table is None:
        return str(answer.decision) if answer.decision and answer.decision != "auto_execute" else "no_query"
    if answer.table.is_truncated:
        return "wrong_result"
    accepted = (golden.rows, *golden.also)
    is_right = any(equals_gold(answer.table.rows, rows, ordered=golden.ordered) for rows in accepted)
    return "right" if is_right else "wrong_result"
