import pytest

from agent.evals.report import SuiteReport, Verdict
from agent.turn import Action
from bot.cli.evals_text import print_run, verdict_line


def routed(id: str, expected: str, action: str) -> Verdict:
    is_right = expected == action
    why = "right" if is_right else "wrong_action"
    return Verdict(id, "en", "run\nit", is_right=is_right, why=why, expected=expected, action=action, seconds=0.5)


def test_the_confusion_table_fits_a_terminal_with_every_action_in_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "80")
    verdicts = [routed(f"{a}{b}", a, b) for a in Action for b in Action]
    run = {"suite": "routing", "model": "m", "ended_at": "x", "change": None, "saved_as": "f"}
    print_run(run | SuiteReport(tuple(verdicts)).to_plain())
    printed = capsys.readouterr().out
    assert "routing, m: 7 of 49 right (14.3 %)." in printed
    [row] = [line for line in printed.splitlines() if line.startswith("sql_validate_explain")]
    assert row.split() == ["sql_validate_explain", "1/7", *"1111111"]
    assert "…" not in printed


def test_faults_and_changes_are_told(capsys: pytest.CaptureFixture[str]):
    report = SuiteReport((Verdict("1", "en", "x", is_right=False, why="read_outside", fault="false_accept"),))
    change = {"since": "yesterday", "compared": 1, "newly_right": (), "newly_wrong": ("1",)}
    run = {"suite": "refusal", "model": "m", "ended_at": "x", "change": change, "saved_as": "f"}
    print_run(run | report.to_plain())
    printed = capsys.readouterr().out
    assert "False accepts 1, false rejects 0." in printed
    assert "newly wrong: 1" in printed


def test_a_line_names_the_road_that_was_expected_and_the_one_taken():
    line = verdict_line(routed("en01", "sql_execute", "chat_reply"))
    assert line.startswith("✗  en01    0.5 s  wrong_action         run it (sql_execute → chat_reply)")
