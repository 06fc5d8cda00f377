"""`botctl db` as an operator types it: what it does is tested beside its parts, what it says is read here."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.test_backups import mine

__all__ = ["mine"]

ROOT = Path(__file__).parents[2]
Botctl = Callable[..., tuple[int, str]]


@pytest.fixture
def botctl(mine: str, tmp_path: Path) -> Botctl:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environ |= {"DATABASE_URL": mine, "STATE_DIR": str(tmp_path / "state")}

    def run(*words: str) -> tuple[int, str]:
        """The exit code, and everything that it said."""
        command = [sys.executable, "-m", "bot.cli.main", "db", *words]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

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
