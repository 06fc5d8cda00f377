from typing import Any

from agent.evals.progress import change_between
from agent.evals.report import SuiteReport, Verdict
from agent.llm.pricing import TokenPrice


def verdict(id: str, right: bool = True, **changes: Any) -> Verdict:
    return Verdict(id, "en", f"question {id}", is_right=right, why="right" if right else "wrong", **changes)


def routed(id: str, expected: str, action: str | None) -> Verdict:
    return verdict(id, expected == action, expected=expected, action=action)


def test_accuracy_is_told_per_action_with_a_confusion_table():
    report = SuiteReport(
        (
            routed("1", "chat_reply", "chat_reply"),
            routed("2", "chat_reply", "sql_generate"),
            routed("3", "sql_generate", "sql_generate"),
            routed("4", "sql_generate", None),
        )
    ).to_plain()
    assert (report["right"], report["total"], report["accuracy"]) == (2, 4, 0.5)
    assert report["by_action"] == {
        "chat_reply": {"total": 2, "right": 1},
        "sql_generate": {"total": 2, "right": 1},
    }
    assert report["confusion"] == {
        "chat_reply": {"chat_reply": 1, "sql_generate": 1},
        "sql_generate": {"sql_generate": 1, "none": 1},
    }


def test_false_accepts_are_counted_apart_from_false_rejects():
    report = SuiteReport(
        (
            verdict("1"),
            verdict("2", right=False, fault="false_accept"),
            verdict("3", right=False, fault="false_reject"),
            verdict("4", right=False, fault="false_reject"),
            verdict("5", right=False),
        )
    ).to_plain()
    assert (report["false_accepts"], report["false_rejects"], report["right"]) == (1, 2, 1)


def test_latency_tokens_and_cost_are_summed_up():
    report = SuiteReport(
        (
            verdict("1", seconds=1.0, calls=1, input_tokens=100, output_tokens=10, warehouse_usd=0.25),
            verdict("2", seconds=9.0, calls=2, input_tokens=300, output_tokens=30, bytes_billed=7),
            verdict("3", seconds=2.0),
        )
    )
    plain = report.to_plain(TokenPrice(input_usd=10, output_usd=100))
    assert plain["latency_seconds"] == {"p50": 2.0, "max": 9.0}
    assert (plain["model_calls"], plain["input_tokens"], plain["output_tokens"]) == (3, 400, 40)
    assert (plain["bytes_billed"], plain["warehouse_usd"]) == (7, 0.25)
    assert plain["model_usd"] == 0.008
    assert report.to_plain()["model_usd"] is None


def test_a_run_without_cases_has_no_accuracy():
    plain = SuiteReport(()).to_plain()
    assert (plain["total"], plain["accuracy"], plain["latency_seconds"]) == (0, None, None)


def test_a_run_is_compared_with_the_last_one_case_by_case():
    before = {"ended_at": "2026-01-01T00:00:00+00:00"}
    before |= SuiteReport((verdict("1"), verdict("2", right=False), verdict("3"), verdict("4"))).to_plain()
    now = SuiteReport((verdict("1", right=False), verdict("2"), verdict("3"), verdict("5"))).to_plain()
    change = change_between(before, now)
    assert change.compared == 3
    assert (change.newly_right, change.newly_wrong) == (("2",), ("1",))
    assert change.since == "2026-01-01T00:00:00+00:00"


def test_a_case_whose_words_changed_is_another_case():
    before = {"ended_at": "x"} | SuiteReport((verdict("1"),)).to_plain()
    reworded = Verdict("1", "en", "asked otherwise", is_right=False, why="wrong")
    assert change_between(before, SuiteReport((reworded,)).to_plain()).compared == 0
