"""`botctl secrets sync` between files: what is carried, what is shown, and who may read it after."""

import os
import stat
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.cli.secrets.store import secret_names

TOKEN, KEY = "xoxb-1111-planted", "sk-planted-2222"
ENV = f"""\
# The bot
SLACK_BOT_TOKEN={TOKEN}
#SLACK_APP_TOKEN=
OPENAI_API_KEY='{KEY}'
WORKERS=3
"""


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text(ENV)
    return path


def sync(*words: object) -> int:
    return main(["secrets", "sync", *map(str, words)])


def spaced_once(text: str) -> str:
    """Columns are as wide as the longest name of a secret."""
    return " ".join(text.split())


def test_the_secrets_are_the_secret_settings():
    assert set(secret_names()) >= {
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "OPENAI_API_KEY",
        "LAAS_API_KEY",
        "DATABASE_URL",
    }
    assert "WORKERS" not in secret_names()


def test_a_folder_gets_a_private_file_for_each(env: Path, tmp_path: Path):
    folder = tmp_path / "secrets"
    assert sync("--from", env, "--to", f"dir:{folder}", "--yes") == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "slack_bot_token": TOKEN,
        "openai_api_key": KEY,
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_all_leaves_an_empty_file_for_what_is_unset_and_forgets_what_was_there(env: Path, tmp_path: Path):
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    (folder / "database_url").write_text("postgresql://old")
    assert sync("--from", env, "--to", f"dir:{folder}", "--all", "--yes") == 0
    assert {path.name.upper() for path in folder.iterdir()} == set(secret_names())
    assert (folder / "database_url").read_text() == ""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_all_what_the_source_lacks_stays(env: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "database_url").write_text("postgresql://old")
    assert sync("--from", env, "--to", f"dir:{folder}", "--yes") == 0
    assert (folder / "database_url").read_text() == "postgresql://old"
    assert "DATABASE_URL left" in spaced_once(capsys.readouterr().out)


def test_the_way_back_keeps_comments_order_and_other_settings(env: Path, tmp_path: Path):
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "slack_app_token").write_text("xapp-1\n")
    (folder / "openai_api_key").write_text("sk-new")
    assert sync("--from", f"dir:{folder}", "--to", env, "--yes") == 0
    assert env.read_text() == ENV.replace("#SLACK_APP_TOKEN=", "SLACK_APP_TOKEN=xapp-1").replace(f"'{KEY}'", "sk-new")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == [".env", "secrets"]


def test_values_are_never_shown_and_a_fingerprint_tells_a_change(
    env: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "slack_bot_token").write_text("xoxb-before")
    sync("--from", env, "--to", f"dir:{folder}", "--yes")
    sync("--from", env, "--to", f"dir:{folder}")
    shown = capsys.readouterr()
    told = spaced_once(shown.out)
    assert "SLACK_BOT_TOKEN changed" in told
    assert "OPENAI_API_KEY new" in told
    assert "SLACK_BOT_TOKEN the same" in told
    assert "Nothing to change." in shown.out
    assert not [value for value in (TOKEN, KEY, "xoxb-before") if value in shown.out + shown.err]


def test_a_dry_run_and_nobody_to_ask_change_nothing(env: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    target = f"dir:{tmp_path / 'secrets'}"
    assert sync("--from", env, "--to", target, "--dry-run") == 0
    assert sync("--from", env, "--to", target) == 2  # pytest's stdin is no terminal
    assert "add --yes" in capsys.readouterr().err
    assert not (tmp_path / "secrets").exists()


def test_the_first_place_that_has_a_secret_says_it(env: Path, tmp_path: Path):
    folder, target = tmp_path / "more", tmp_path / "target"
    folder.mkdir(mode=0o700)
    (folder / "slack_bot_token").write_text("xoxb-other")
    (folder / "database_url").write_text("postgresql://here")
    assert sync("--from", env, "--from", f"dir:{folder}", "--to", f"dir:{target}", "--yes") == 0
    assert (target / "slack_bot_token").read_text() == TOKEN
    assert (target / "database_url").read_text() == "postgresql://here"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "nothing.env", "--to", "x.env"), "nothing.env holds none of the secrets"),
        (("--from", ".", "--to", "x.env"), "dir:. holds none of the secrets"),
        (("--from", "ssm:nowhere", "--to", "x.env"), "ssm:nowhere is no place in AWS"),
        (("--from", "a.env", "--to", "b.env", "--path", "SLACK_BOT_TOKEN=/x"), "--path is for a secret's place in AWS"),
        (("--from", "ssm:/x", "--to", "b.env", "--path", "WORKERS=/x"), "WORKERS=/x names no secret"),
        (("--from", "ssm:/x", "--to", "b.env", "--path", "DATABASE_URL=x"), "names no parameter"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(words, said, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert sync(*words, "--yes") == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_link_among_the_secrets_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (tmp_path / "elsewhere").write_text("not a secret of ours")
    (folder / "slack_bot_token").symlink_to(tmp_path / "elsewhere")
    assert sync("--from", f"dir:{folder}", "--to", tmp_path / "x.env", "--yes") == 2
    assert "cannot be used" in capsys.readouterr().err
    assert not (tmp_path / "x.env").exists()


def test_a_folder_that_is_a_link_is_not_written_to(env: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "secrets").symlink_to(tmp_path / "theirs")
    assert sync("--from", env, "--to", f"dir:{tmp_path / 'secrets'}", "--yes") == 2
    assert "is not a folder of yours" in capsys.readouterr().err
    assert list((tmp_path / "theirs").iterdir()) == []


def test_an_open_folder_with_other_things_in_it_is_left_alone(
    env: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "etc").mkdir(mode=0o755)
    (tmp_path / "etc/passwd").touch()
    for target in (f"dir:{tmp_path / 'etc'}", tmp_path / "etc"):
        assert sync("--from", env, "--to", target, "--yes") == 2
        assert "holds more than secrets" in capsys.readouterr().err
    assert stat.S_IMODE((tmp_path / "etc").stat().st_mode) == 0o755
    assert [path.name for path in (tmp_path / "etc").iterdir()] == ["passwd"]


def test_a_folder_needs_no_prefix_once_it_is_there(env: Path, tmp_path: Path):
    sync("--from", env, "--to", f"dir:{tmp_path / 'secrets'}", "--yes")
    assert sync("--from", tmp_path / "secrets", "--to", tmp_path / "back.env", "--yes") == 0
    assert TOKEN in (tmp_path / "back.env").read_text()
