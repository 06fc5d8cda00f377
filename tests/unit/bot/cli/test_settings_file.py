"""Settings as text, in the two syntaxes: what is read, and one line changed among others."""

import io
import subprocess

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.dotenv_syntax import DOTENV
from bot.cli.errors import CommandError
from bot.cli.settings_file import SettingsFile, Syntax
from bot.cli.systemd_syntax import SYSTEMD

FILE = """\
# The bot
export SLACK_BOT_TOKEN=xoxb-old

#WORKERS=4
# Words about LOG_LEVEL=info
LOG_LEVEL = debug
OTHER='stays # as it is'
"""

both = pytest.mark.parametrize("syntax", [DOTENV, SYSTEMD], ids=["dotenv", "systemd"])
SHOWN = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)


def test_an_env_file_is_read_as_settings_reads_it():
    text = FILE + 'TWICE=1\nTWICE=2\nlower_case=x\nBY_NAME="${TWICE}3"\n'
    expected = {name.upper(): value for name, value in dotenv_values(stream=io.StringIO(text)).items()}
    assert SettingsFile(DOTENV, text).values() == expected
    assert (expected["TWICE"], expected["LOWER_CASE"], expected["BY_NAME"]) == ("2", "x", "23")


@both
def test_a_changed_setting_leaves_every_other_line_alone(syntax: Syntax):
    file = SettingsFile(syntax, FILE)
    file.put("LOG_LEVEL", "info")
    assert file.text == FILE.replace("LOG_LEVEL = debug", "LOG_LEVEL=info")


def test_an_export_stays_one():
    file = SettingsFile(DOTENV, FILE)
    file.put("SLACK_BOT_TOKEN", "xoxb-new")
    assert file.text == FILE.replace("xoxb-old", "xoxb-new")


@both
def test_a_setting_that_is_commented_out_is_said_on_its_line(syntax: Syntax):
    file = SettingsFile(syntax, FILE)
    file.put("WORKERS", "8")
    assert file.text == FILE.replace("#WORKERS=4", "WORKERS=8")


@both
def test_a_new_setting_goes_to_the_end_even_without_a_line_end_there(syntax: Syntax):
    file = SettingsFile(syntax, FILE.rstrip())
    file.put("NEW", "1")
    assert file.text == FILE.rstrip() + "\nNEW=1\n"


@both
def test_of_a_setting_that_is_said_twice_the_last_counts_and_is_changed(syntax: Syntax):
    file = SettingsFile(syntax, "A=1\r\nA=2\r\nB=3\r\n")
    file.put("A", "4")
    assert file.text == "A=1\r\nA=4\r\nB=3\r\n"
    file.drop("A")
    assert file.text == "B=3\r\n"


@both
@settings(max_examples=60, deadline=None)
@given(value=SHOWN)
def test_any_value_is_read_back_or_refused(syntax: Syntax, value: str):
    file = SettingsFile(syntax, FILE)
    try:
        file.put("OTHER", value)
    except CommandError:
        assert "${" in value or value != value.strip() or not value.isprintable()
        assert file.text == FILE
    else:
        assert file.values()["OTHER"] == value
        assert file.values()["LOG_LEVEL"] == "debug"


def test_a_value_that_an_env_file_would_fill_in_is_refused():
    with pytest.raises(CommandError, match="PASSWORD cannot be written"):
        SettingsFile(DOTENV).put("PASSWORD", "a${HOME}b")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("A=  plain words  ", "plain words"),
        ("  A =x", "x"),
        ("A=", ""),
        ("A='single \\ $x'", "single \\ $x"),
        ('A="double \\" \\$x \\n"', 'double " $x \\n'),
        ("A='it'\"'\"'s'", "it's"),
        ("A='a' 'b'", "ab"),
        ('A=a"b"', 'a"b"'),
        ("A=a\\ b\\\nc", "a bc"),
        ("A='two\nlines'", "two\nlines"),
        ("A=x # no comment", "x # no comment"),
    ],
)
def test_a_units_environment_is_read_as_systemd_reads_it(line: str, value: str):
    read = SettingsFile(SYSTEMD, f"; a comment\n{line}\nB=2\n").values()
    assert read == {"A": value, "B": "2"}


@settings(max_examples=40, deadline=None)
@given(value=SHOWN)
def test_what_is_written_for_systemd_a_shell_reads_too(value: str):
    file = SettingsFile(SYSTEMD)
    file.put("A", value)
    said = subprocess.run(["/bin/sh", "-c", f'{file.text}\nprintf %s "$A"'], capture_output=True, check=True)
    assert said.stdout.decode() == value
