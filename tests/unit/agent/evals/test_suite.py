import asyncio

import pytest

from agent.errors import WarehouseUnavailable
from agent.evals.case import Case
from agent.evals.examiner import Judged
from agent.evals.judge import Judgement
from agent.evals.report import Verdict
from agent.evals.suite import run_suite
from agent.turn import Bill, Usage


def judged(why: str = "right", bill: Bill | None = None) -> Judged:
    return Judged(Judgement(why), None, "sql_generate", "SELECT 1", Usage(2, 30, 4), bill or Bill(1, 10, 0.5))


async def test_every_case_is_put_in_turn_and_an_error_is_a_wrong_answer():
    async def examine(case: Case) -> Judged:
        if case.id == "down":
            raise WarehouseUnavailable
        return judged() if case.id == "fine" else judged("wrong_result", Bill(1, None, 9.0))

    seen: list[Verdict] = []
    ticks = iter(range(100))
    cases = [Case(id=name, text=name, language="ko") for name in ("fine", "down", "bad")]
    report = await run_suite(cases, examine, on_verdict=seen.append, clock=lambda: float(next(ticks)))
    assert [(verdict.id, verdict.is_right, verdict.why) for verdict in report.verdicts] == [
        ("fine", True, "right"),
        ("down", False, "WarehouseUnavailable"),
        ("bad", False, "wrong_result"),
    ]
    assert seen == list(report.verdicts)
    assert {(verdict.language, verdict.seconds) for verdict in report.verdicts} == {("ko", 1.0)}
    # an estimate that nobody paid is no cost
    assert [verdict.warehouse_usd for verdict in report.verdicts] == [0.5, 0.0, 0.0]


@pytest.mark.parametrize("error", [WarehouseUnavailable, None])
async def test_a_cancellation_that_a_case_loses_ends_the_run_all_the_same(error: type[Exception] | None):
    async def examine(case: Case) -> Judged:
        run.cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            if error is not None:
                raise error from None
        return judged()

    seen: list[Verdict] = []
    cases = [Case(id=name, text=name, language="en") for name in ("first", "second")]
    run = asyncio.create_task(run_suite(cases, examine, on_verdict=seen.append))
    with pytest.raises(asyncio.CancelledError):
        await run
    assert [verdict.id for verdict in seen] == ["first"]
