"""A unit's environment file, read by systemd itself: `botctl env sync` writes and reads it the same way."""

import pytest

from bot.cli.settings_file import SettingsFile
from bot.cli.systemd_syntax import SYSTEMD
from tests.systemd.machine import Machine

pytestmark = pytest.mark.extra("systemd")

FILE = "/tmp/botctl.env"
ODD = r"""
# a comment
; another
PLAIN=plain words   
 SPACED =x
EMPTY=
SINGLE='single \ $x "y"'
DOUBLE="double \" \$x \n \\"
JOINED='it'"'"'s' 'joined'
INSIDE=a"b"'c'
ESCAPED=a\ b\
c
TWO_LINES='two
lines'
NO_COMMENT=x # y
TWICE=1
TWICE=2
"""
VALUES = (
    "", "x", "two words", "What's new?", 'a "b" $c `d` \\e', "it's \"both\" \\ $x", "한국어 | 日本語", " blanks ",
    "a#b;c=d", "two\nlines", "'", '"', "\\", "100%",
)  # fmt: skip


def environment(machine: Machine, text: str) -> dict[str, str]:
    machine.write(FILE, text)
    said = machine.run("systemd-run", "--pipe", "--wait", "-q", "-p", f"EnvironmentFile={FILE}", "env", "-0")
    return dict(line.split("=", 1) for line in said.split("\0") if "=" in line)


def test_what_is_written_is_what_systemd_gives_the_daemon(machine: Machine):
    file = SettingsFile(SYSTEMD)
    values = {f"VALUE_{number}": value for number, value in enumerate(VALUES)}
    for name, value in values.items():
        file.put(name, value)
    given = environment(machine, file.text)
    assert {name: given.get(name, "") for name in values} == values


def test_what_is_read_is_what_systemd_reads(machine: Machine):
    read = SettingsFile(SYSTEMD, ODD).values()
    given = environment(machine, ODD)
    assert read == {name: given[name] for name in read}
    assert set(read) == {line.split("=")[0].strip() for line in ODD.splitlines() if "=" in line and line[0] not in "#;"}
