"""The findings as people and programs read them, and the command's exit code."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.cli.doctor.command import settings_file
from bot.cli.doctor.finding import Finding, Outcome, fail, ok, warn
from bot.cli.doctor.report import as_json, print_findings, worst_state
from bot.cli.installed import SETTINGS
from bot.cli.main import main

FINDINGS = [
    Finding("disk", ok("much is free"), 0.1),
    Finding("bot-token", warn("old [red]", "take a new one"), 0.2),
    Finding("channels", fail("not invited", "/invite it"), 0.3),
    Finding("price", Outcome("skipped", "because of channels"), 0.0),
]


def printed(findings: list[Finding]) -> list[str]:
    out = io.StringIO()
    print_findings(findings, Console(file=out, width=40))
    return out.getvalue().splitlines()


def test_lines_are_aligned_and_the_remedy_stands_below() -> None:
    assert printed(FINDINGS) == [
        "✓ disk       much is free",
        "! bot-token  old [red]",
        "             → take a new one",
        "✗ channels   not invited",
        "             → /invite it",
        "– price      because of channels",  # noqa: RUF001
        "",
        "1 to mend, 1 to look at, 1 well, 1 skipped.",
    ]


def test_where_all_is_well_one_line_says_so() -> None:
    assert printed([FINDINGS[0], FINDINGS[3]])[-1] == "All is well: 1 checks, 1 skipped."


@pytest.mark.parametrize(("count", "state"), [(1, "ok"), (2, "warn"), (3, "fail")])
def test_the_worst_finding_is_the_whole_state(count: int, state: str) -> None:
    assert worst_state(FINDINGS[:count]) == state


def test_the_json_holds_what_its_documentation_names() -> None:
    told = json.loads(as_json(FINDINGS))
    assert (told["version"], told["state"]) == (1, "fail")
    assert told["checks"][2] == {
        "name": "channels", "state": "fail", "message": "not invited", "remedy": "/invite it", "seconds": 0.3,
    }  # fmt: skip


def test_the_command_fails_on_what_has_to_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "BIGQUERY_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    assert main(["doctor", "--only", "settings,python", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(check["name"], check["state"]) for check in told["checks"]] == [("settings", "fail"), ("python", "ok")]
    assert main(["doctor", "--only", "python"]) == 0
    assert main(["doctor", "--only", "pulse"]) == 2
    assert "There is no check 'pulse'" in capsys.readouterr().err


def test_the_file_that_is_looked_at_is_the_one_that_was_read() -> None:
    assert settings_file(".env") == Path(".env")
    assert settings_file(None) == SETTINGS  # the botctl of a VM reads no .env
