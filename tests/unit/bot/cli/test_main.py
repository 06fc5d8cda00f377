"""botctl's own edges: its help, its exit codes, a reader that has read enough."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.commands import COMMANDS
from bot.cli.main import main

ROOT = Path(__file__).parents[4]


def test_help_lists_every_command_once_under_its_theme(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for title, theme in COMMANDS.items():
        assert f"\n{title}:\n" in shown
        for command in theme:
            assert shown.count(f"\n  {command.name} ") == 1


@pytest.mark.parametrize("name", [command.name for theme in COMMANDS.values() for command in theme])
def test_every_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: botctl {name} ")
    assert "None" not in shown


def test_a_reader_that_has_read_enough_is_no_error(tmp_path: Path):
    """`botctl completion bash | head -0`: more than a pipe holds is written to nobody."""
    words = f"{sys.executable} -c 'import sys; from bot.cli.main import main; sys.exit(main())' completion bash"
    ended = subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; {words} | true"],
        env={"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
