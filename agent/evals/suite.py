"""Puts the cases one after the other and tells honestly what came back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import structlog

from agent.errors import AgentError
from agent.evals.case import Case
from agent.evals.examiner import Judged
from agent.evals.report import SuiteReport, Verdict

log = structlog.get_logger(__name__)

Examine: TypeAlias = Callable[[Case], Awaitable[Judged]]
OnVerdict: TypeAlias = Callable[[Verdict], None]


async def run_suite(
    cases: Sequence[Case],
    examine: Examine,
    *,
    on_verdict: OnVerdict = lambda verdict: None,
    clock: Callable[[], float] = time.monotonic,
) -> SuiteReport:
    """Every case in a conversation of its own; an error is a wrong answer and the run goes on.

    A cancellation ends it, at the next case at the latest: on the way through a case one may be taken for a timeout,
    or be lost (Python 3.11's wait_for gives a result that is there already instead), and nobody asks a second time.
    """
    verdicts: list[Verdict] = []
    for case in cases:
        started = clock()
        judged = await _examined_or_failure(examine, case)
        verdict = _verdict(case, judged, clock() - started)
        verdicts.append(verdict)
        on_verdict(verdict)
        _end_if_cancelled()
    return SuiteReport(tuple(verdicts))


def _end_if_cancelled() -> None:
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _examined_or_failure(examine: Examine, case: Case) -> Judged | str:
    try:
        return await examine(case)
    except AgentError as error:
        log.warning("evals.case_failed", case=case.id, error=type(error).__name__)
        return type(error).__name__


def _verdict(case: Case, judged: Judged | str, seconds: float) -> Verdict:
    seconds = round(seconds, 2)
    if isinstance(judged, str):
        return Verdict(case.id, case.language, case.text, is_right=False, why=judged, seconds=seconds)
    return Verdict(
        id=case.id,
        language=case.language,
        question=case.text,
        is_right=judged.judgement.is_right,
        why=judged.judgement.why,
        fault=judged.judgement.fault,
        expected=judged.expected,
        action=judged.action,
        sql=judged.sql,
        seconds=seconds,
        calls=judged.usage.calls,
        input_tokens=judged.usage.input_tokens,
        output_tokens=judged.usage.output_tokens,
        bytes_billed=judged.bill.bytes_billed or 0,
        warehouse_usd=judged.bill.cost_usd or 0.0 if judged.bill.bytes_billed else 0.0,
    )
