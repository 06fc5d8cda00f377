"""What Tab offers, asked of the shells themselves."""

import argparse
import subprocess
from pathlib import Path

import pytest

from bot.cli.commands import COMMANDS
from bot.cli.completion.command import SCRIPTS
from bot.cli.completion.tree import places_of
from bot.cli.main import main

ASKED = {
    "bash": """
        source {script}
        COMP_WORDS=({words} {last}) COMP_CWORD={count}
        _botctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """,
    # As compinit does it, but that what it would show is printed.
    "zsh": """
        compdef() {{ }}
        _describe() {{ print -rl -- "${{(@)${{(P)2}}%%:*}}" }}
        compadd() {{ shift; print -rl -- "$@" }}
        _message() {{ }}
        _files() {{ print -rl -- *(N) }}
        source {script}
        words=({words} {last}) CURRENT=$(({count} + 1))
        _botctl
    """,
    "fish": """
        source {script}
        complete -C "{words} "{last} | string replace -r '\\t.*' ''
    """,
}
SHELLS = (
    pytest.param("bash"),
    pytest.param("zsh", marks=pytest.mark.extra("zsh")),
    pytest.param("fish", marks=pytest.mark.extra("fish")),
)


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    for shell in SCRIPTS:
        assert main(["completion", shell]) == 0
        (tmp_path / f"botctl.{shell}").write_text(capsys.readouterr().out)
    (tmp_path / "here").mkdir()
    (tmp_path / "here/policy two.yaml").touch()
    return tmp_path


def offered(folder: Path, shell: str, words: str, last: str = "") -> set[str]:
    asked = ASKED[shell].format(
        script=folder / f"botctl.{shell}", words=words, last=f"'{last}'", count=len(words.split())
    )
    bare = {"bash": ("--norc", "--noprofile"), "zsh": ("-f",), "fish": ("--no-config",)}[shell]
    ended = subprocess.run(
        [shell, *bare, "-c", asked],
        cwd=folder / "here",
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    found = {line.rstrip("/") for line in ended.stdout.splitlines() if line}
    return {word for word in found if word.startswith(last)}  # the shell's own part in zsh


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_options_and_values_are_offered_where_they_may_stand(folder: Path, shell: str):
    assert offered(folder, shell, "botctl") >= {command.name for theme in COMMANDS.values() for command in theme}
    assert offered(folder, shell, "botctl", "sec") == {"secrets"}
    assert offered(folder, shell, "botctl budget", "") >= {"show", "set", "unset"}
    assert offered(folder, shell, "botctl budget set", "--on") == {"--on-exceeded"}
    assert offered(folder, shell, "botctl budget set --on-exceeded") == {"block", "approval"}
    assert offered(folder, shell, "botctl secrets sync --to") == {"policy two.yaml"}
    assert offered(folder, shell, "botctl policy test") == {"policy two.yaml"}
    assert offered(folder, shell, "botctl policy test", "--us") == {"--user"}
    assert offered(folder, shell, "botctl simulate --text") == set()
    assert offered(folder, shell, "botctl completion", "z") == {"zsh"}


def test_bash_completes_a_place_behind_its_colon(folder: Path):
    assert offered(folder, "bash", "botctl secrets sync --to dir :", "pol") == {"policy two.yaml"}
    assert offered(folder, "bash", "botctl :") >= {"secrets"}


def test_every_command_has_a_place_with_its_help_and_its_options():
    parser = argparse.ArgumentParser()
    below = parser.add_subparsers()
    leaf = below.add_parser("one", help="the first: it's 100% [odd] $here")
    leaf.add_argument("-n", "--number", default=3, help="how many (%(default)s)")
    root, one = places_of(parser)
    assert root.commands == (("one", "the first: it's 100% [odd] $here"),)
    assert one.path == "/one"
    assert [(option.flags, option.help, option.value) for option in one.options] == [
        (("-h", "--help"), "show this help message and exit", "none"),
        (("-n", "--number"), "how many (3)", "anything"),
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_odd_help_does_not_break_the_script(tmp_path: Path, shell: str):
    parser = argparse.ArgumentParser()
    parser.add_subparsers().add_parser("one", help='it\'s `100%` $(touch x) \\ "odd": [a]')
    (tmp_path / "here").mkdir()
    (tmp_path / f"botctl.{shell}").write_text(SCRIPTS[shell](list(places_of(parser))))
    assert "one" in offered(tmp_path, shell, "botctl")
    assert list((tmp_path / "here").iterdir()) == []
