"""A question before a change, to a person at a terminal: a pty here."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ASK = "from bot.cli.asking import confirmed; print('answered', confirmed('Write 2?', yes=False))"


def answer(typed: bytes) -> str:
    """What is shown to somebody who types *typed*."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", ASK],
            stdin=theirs,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(Path(__file__).parents[4])},
        )
        os.write(ours, typed)
        return process.communicate(timeout=60)[0]
    finally:
        os.close(theirs)
        os.close(ours)


@pytest.mark.parametrize(("typed", "meant"), [(b"y\n", True), (b"YES\n", True), (b"\n", False), (b"\x04", False)])
def test_only_a_yes_is_one(typed: bytes, meant: bool):
    shown = answer(typed)
    assert "Write 2? [y/N]" in shown
    assert shown.rstrip().endswith(f"answered {meant}")
