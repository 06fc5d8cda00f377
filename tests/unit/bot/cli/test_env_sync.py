"""`botctl env sync`: what of an .env file the unit's environment gets, and what it never gets."""

import stat
from pathlib import Path

import pytest

from bot.cli.main import main

ENV = """\
SLACK_BOT_TOKEN=xoxb-planted
WORKERS=6
SUGGESTED_PROMPTS="How many?|What's new?"
BIGQUERY_DATASETS=
SLACK_CHANEL=C1
HTTPS_PROXY=http://proxy:1
"""
UNIT = """\
# Made by hand
POLICY_FILE=/etc/slack-bot/policy.yaml
WORKERS=4
BIGQUERY_DATASETS=shop
TZ=UTC
"""


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setenv("WORKERS", "not a number: it is nobody's business here")
    env, unit = tmp_path / ".env", tmp_path / "slack-bot.env"
    env.write_text(ENV)
    unit.write_text(UNIT)
    return env, unit


def sync(places: tuple[Path, Path], *words: str) -> int:
    return main(["env", "sync", "--from", str(places[0]), "--to", str(places[1]), *words])


def test_settings_are_carried_and_the_difference_is_shown(places, capsys: pytest.CaptureFixture[str]):
    assert sync(places, "--yes") == 0
    unit = places[1]
    assert unit.read_text() == (
        "# Made by hand\nPOLICY_FILE=/etc/slack-bot/policy.yaml\nWORKERS=6\nTZ=UTC\n"
        'SUGGESTED_PROMPTS="How many?|What\'s new?"\n'
    )
    assert stat.S_IMODE(unit.stat().st_mode) == 0o644
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == ["- WORKERS=4", "+ WORKERS=6"]
    assert "- BIGQUERY_DATASETS=shop" in shown
    assert "systemctl restart slack-bot" in shown[-1]


def test_secrets_and_what_is_no_setting_stay_behind_and_are_told(places, capsys: pytest.CaptureFixture[str]):
    sync(places, "--yes")
    told = capsys.readouterr()
    assert "SLACK_BOT_TOKEN: secret, so not carried over. `botctl secrets sync" in told.err
    assert "SLACK_CHANEL: no setting of ours, left out. Is SLACK_CHANNEL meant?" in told.err
    assert "HTTPS_PROXY: no setting of ours, left out.\n" in told.err
    assert "planted" not in told.out + told.err + places[1].read_text()


def test_all_takes_out_what_the_env_file_does_not_say_and_nothing_of_others(places):
    assert sync(places, "--all", "--yes") == 0
    written = places[1].read_text()
    assert "POLICY_FILE" not in written
    assert "TZ=UTC" in written


def test_a_second_run_and_a_dry_run_write_nothing(places, capsys: pytest.CaptureFixture[str]):
    assert sync(places, "--dry-run") == 0
    assert places[1].read_text() == UNIT
    sync(places, "--yes")
    written = places[1].stat().st_mtime_ns
    assert sync(places) == 0
    assert places[1].stat().st_mtime_ns == written
    assert "Nothing to change" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("WORKERS=0", 78, "WORKERS is wrong"),
        ("LOG_LEVEL=loud", 78, "LOG_LEVEL is wrong"),
        ("POLICY_FILE=policy.yaml", 2, "POLICY_FILE is wrong for a service: policy.yaml is no absolute path"),
    ],
)
def test_what_the_daemon_would_refuse_is_not_written(places, capsys, line: str, code: int, said: str):
    places[0].write_text(line + "\n")
    assert sync(places, "--yes") == code
    assert said in capsys.readouterr().err
    assert places[1].read_text() == UNIT


def test_a_secret_that_somebody_put_into_the_units_file_is_pointed_at(places, capsys: pytest.CaptureFixture[str]):
    places[1].write_text(UNIT + "OPENAI_API_KEY=sk-planted\n")
    assert sync(places, "--yes") == 2
    told = capsys.readouterr()
    assert "OPENAI_API_KEY is a secret" in told.err
    assert "planted" not in told.out + told.err


def test_a_first_file_is_made(tmp_path: Path):
    (tmp_path / ".env").write_text("WORKERS=6\n")
    assert sync((tmp_path / ".env", tmp_path / "new.env"), "--yes") == 0
    assert (tmp_path / "new.env").read_text() == "WORKERS=6\n"


def test_a_source_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert sync((tmp_path / ".env", tmp_path / "new.env"), "--yes") == 2
    assert "There is no file" in capsys.readouterr().err
