"""`botctl lock`: which files, from what, and that a failure changes none. uv is a script that remembers its words."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

from bot.cli.errors import CommandError
from bot.cli.lock import LOCKS, refresh_locks

ROOT = Path(__file__).parents[4]

UV = """#!{python}
import json, pathlib, sys
words = sys.argv[1:]
lock = pathlib.Path(words[words.index("-o") + 1])
with open({said!r}, "a") as said:
    said.write(json.dumps(words) + "\\n")
if {failing!r} in lock.name:
    sys.exit(1)
old = lock.read_text() if lock.exists() else ""
lock.write_text("new\\n" if "--upgrade" in words else old or "first\\n")
"""


def _uv(folder: Path, failing: str = "none") -> tuple[str, Path]:
    said = folder / "said.jsonl"
    uv = folder / "uv"
    uv.write_text(UV.format(python=sys.executable, said=str(said), failing=failing))
    uv.chmod(0o755)
    return str(uv), said


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "deploy").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("")
    for wanted in LOCKS:
        (folder / wanted.file).write_text("old\n")
    return folder


def test_every_lock_is_made_anew_and_stands_on_the_first(checkout: Path, tmp_path: Path):
    uv, said = _uv(tmp_path)
    assert refresh_locks(checkout, uv, ["--upgrade"]) == [wanted.file for wanted in LOCKS]
    assert {(checkout / wanted.file).read_text() for wanted in LOCKS} == {"new\n"}
    words = [json.loads(line) for line in said.read_text().splitlines()]
    assert [call.count("-c") for call in words] == [0, 1, 2, 1, 0]
    assert (
        ["pyproject.toml" in call for call in words]
        == ["--group" not in call for call in words]
        == [True, True, True, True, False]
    )
    assert all("--generate-hashes" in call for call in words)


def test_what_did_not_change_is_not_told(checkout: Path, tmp_path: Path):
    (checkout / "deploy/requirements-aws.lock").unlink()
    uv, _ = _uv(tmp_path)
    assert refresh_locks(checkout, uv, []) == ["deploy/requirements-aws.lock"]


def test_a_failure_of_the_last_changes_none(checkout: Path, tmp_path: Path):
    uv, _ = _uv(tmp_path, failing="dev")
    with pytest.raises(CommandError, match="No lock file was changed"):
        refresh_locks(checkout, uv, ["--upgrade"])
    assert {(checkout / wanted.file).read_text() for wanted in LOCKS} == {"old\n"}


@pytest.mark.parametrize("wanted", LOCKS, ids=lambda wanted: wanted.file)
def test_the_repositorys_locks_hold_what_its_project_asks_for(wanted):
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = pyproject["project"]
    asked = pyproject["dependency-groups"][wanted.group] if wanted.group else list(project["dependencies"])
    for extra in wanted.extras:
        asked += project["optional-dependencies"][extra]
    pinned = _pins((ROOT / wanted.file).read_text())
    assert {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in asked} - pinned.keys() == set()


def test_every_extra_of_the_project_is_in_some_lock():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras) == {extra for wanted in LOCKS for extra in wanted.extras}


@pytest.mark.parametrize("wanted", [wanted for wanted in LOCKS if wanted.beside], ids=lambda wanted: wanted.file)
def test_locks_that_are_installed_together_agree_on_what_both_hold(wanted):
    one, other = (_pins((ROOT / file).read_text()) for file in (wanted.file, wanted.beside))
    assert {name: (one[name], other[name]) for name in one.keys() & other.keys() if one[name] != other[name]} == {}


def _pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, re.MULTILINE))
