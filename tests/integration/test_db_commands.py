"""`botctl db` as an operator types it: what it does is tested beside its parts, what it says is read here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.integration.test_backups import mine

__all__ = ["mine"]

Botctl = Callable[..., tuple[int, str]]


@pytest.fixture
def botctl(mine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Botctl:
    monkeypatch.chdir(tmp_path)  # no .env of the developer's
    monkeypatch.setenv("DATABASE_URL", mine)
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))

    def run(*words: str) -> tuple[int, str]:
        """The exit code, and everything that it said."""
        code = main(["db", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_back_up_restore_go_back_and_drop_as_the_runbook_says(botctl: Botctl):
    code, said = botctl("backup")
    assert (code, "read back to its last byte" in said) == (0, True)
    code, said = botctl("restore")
    kept = said.splitlines()[1].partition(":")[0]
    assert (code, said.splitlines()[-1]) == (0, "Now start the daemon: systemctl start slack-bot")
    code, said = botctl("kept", "--use", kept)
    assert (code, said.splitlines()[0]) == (0, f"backed_up: as {kept} had it")
    aside = said.splitlines()[1].partition(":")[0]
    assert botctl("kept", "--drop", aside) == (0, f"{aside}: removed\n")
    assert botctl("kept") == (0, "")


def test_what_cannot_be_done_is_a_sentence_without_a_password(botctl: Botctl, mine: str, tmp_path: Path):
    folder = str(tmp_path / "none")
    wanted = f"botctl: There is no backup in {folder}: name the file, or its folder with --from.\n"
    assert botctl("restore", "--from", folder) == (2, wanted)
    assert botctl("kept", "--drop", "backed_up") == (
        1,
        "botctl: No kept database is called backed_up: there is none.\n",
    )
    code, said = botctl("move", "--to", mine)
    assert (code, "lead to the same database" in said) == (1, True)
    code, said = botctl("move", "--to", "postgresql://bot:secret@127.0.0.1:1/bot")
    assert (code, "did not answer" in said, "secret" in said) == (1, True, False)


def test_check_asks_the_server_that_is_named(botctl: Botctl, mine: str):
    code, said = botctl("check", "--to", mine)
    assert code == 0
    assert "the role backed_up may make and use its tables" in said
