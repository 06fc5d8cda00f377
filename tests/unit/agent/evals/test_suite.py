from agent.errors import WarehouseUnavailable
from agent.evals.golden import Golden
from agent.evals.suite import Verdict, run_suite
from agent.turn import Action, Answer, Bill, Column, DecisionWord, Route, Table, Usage

ROUTE = Route(Action.SQL_GENERATE, 0.9, "asks")


def answer(rows: tuple[tuple[object, ...], ...] | None, total: int | None = None, **changes: object) -> Answer:
    table = Table((Column("n", "INT64"),), rows, total or len(rows)) if rows is not None else None
    values = {"route": ROUTE, "table": table, "sql": "SELECT 1", "usage": Usage(2, 30, 4), "bill": Bill(1, 10, 0.0)}
    return Answer("t", "en", **{**values, **changes})  # pyright: ignore


def golden(name: str, **changes: object) -> Golden:
    return Golden.model_validate(
        {"id": name, "question": name, "sql": "SELECT 1", "columns": ["n"], "rows": [[1]], **changes}
    )


async def test_a_report_counts_what_is_right_and_says_why_the_rest_is_not():
    answers = {
        "right": answer(((1,),)),
        "also": answer(((7,),)),
        "wrong": answer(((2,),)),
        "cut": answer(((1,),), total=5),
        "no_sql": answer(None, sql=None),
        "waits": answer(None, decision=DecisionWord.APPROVAL_REQUIRED),
        "fails": answer(None, error="InvalidQuery"),
    }

    async def ask(question: str) -> Answer:
        if question == "down":
            raise WarehouseUnavailable
        return answers[question]

    seen: list[Verdict] = []
    questions = [golden(name, also=[[[7]]]) for name in [*answers, "down"]]
    report = await run_suite(questions, ask, on_verdict=seen.append)
    assert [verdict.why for verdict in report.verdicts] == [
        "right",
        "right",
        "wrong_result",
        "wrong_result",
        "no_query",
        "approval_required",
        "InvalidQuery",
        "WarehouseUnavailable",
    ]
    assert (report.right, report.total) == (2, 8)
    assert seen == list(report.verdicts)
    plain = report.to_plain()
    assert plain["accuracy"] == 0.25
    assert plain["input_tokens"] == 7 * 30
