"""What systemd itself says of the unit files: they are right, and what they leave open is little."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.systemd.installed import UNITS
from tests.systemd.machine import Machine

pytestmark = pytest.mark.extra("systemd")

MOST_EXPOSED = 1.5
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))


@pytest.mark.parametrize("name", SERVICES)
def test_the_exposure_is_low(name: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    # A template is looked at as an instance; its drop-ins change a port only.
    unit = shutil.copy(UNITS / name, tmp_path / name.replace("@.", "@x."))
    asked = ["systemd-analyze", "security", "--offline=yes", "--no-pager", unit]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    level = re.search(r"Overall exposure level for .*: ([0-9.]+)", said)
    assert level is not None, said
    figure(level[1])
    assert float(level[1]) <= MOST_EXPOSED


def test_systemd_finds_nothing_wrong_with_them(installed: Machine) -> None:
    units = [name.replace("@.", "@green.") for name in SERVICES] + [path.name for path in UNITS.glob("*.timer")]
    said = installed.run("systemd-analyze", "verify", "--man=no", *units)
    assert [line for line in said.splitlines() if "slack-bot" in line] == []
