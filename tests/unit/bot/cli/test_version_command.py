"""`botctl version`, and what it finds of an installation: a folder, a /proc, and what systemd says of the units."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.deployed import deployment
from bot.cli.main import main
from bot.cli.version import deployment_json, deployment_text

STARTED = 1_790_000_000


def shown(name: str, pid: int, state: str = "active", sub: str = "running") -> str:
    return (
        f"Id={name}.service\nLoadState=loaded\nActiveState={state}\nSubState={sub}\nMainPID={pid}\n"
        f"ExecMainStartTimestamp={f'@{STARTED}' if pid else ''}\n"
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in ("1.0.0", "1.1.0"):
        folder = tmp_path / "opt/releases" / number
        folder.mkdir(parents=True)
        (folder / "VERSION").write_text(json.dumps({"version": number, "commit": None, "built": None}))
    link(tmp_path / "opt/current", "1.1.0")
    link(tmp_path / "opt/previous", "1.0.0")
    return tmp_path / "opt"


def link(path: Path, number: str, *, at: int = STARTED - 60) -> None:
    path.symlink_to(f"releases/{number}")
    os.utime(path, (at, at), follow_symlinks=False)


def process(proc: Path, pid: int, root: Path, number: str) -> None:
    (proc / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "cwd").symlink_to("/")
    library = root / "releases" / number / "venv/lib/python3.11/site-packages/x.so"
    (proc / str(pid) / "maps").write_text(
        f"7f00-7f01 r-xp 0 fe:00 1 /usr/lib/libc.so\n7f02-7f03 r-xp 0 fe:00 2 {library}\n"
    )


def test_what_runs_is_what_is_on_disk(root: Path, tmp_path: Path):
    process(tmp_path / "proc", 42, root, "1.1.0")
    found = deployment(root, tmp_path / "proc", lambda: shown("slack-bot", 42))
    assert {name: there.number for name, there in found.links.items()} == {"current": "1.1.0", "previous": "1.0.0"}
    (unit,) = found.units
    assert (unit.release, unit.is_outdated, unit.since) == ("1.1.0", False, datetime.fromtimestamp(STARTED, UTC))
    assert "runs 1.1.0" in deployment_text(found)
    assert deployment_json(found)["units"][0]["restart_needed"] is False


def test_a_process_of_another_release_than_its_link_needs_a_restart(root: Path, tmp_path: Path):
    process(tmp_path / "proc", 42, root, "1.0.0")
    found = deployment(root, tmp_path / "proc", lambda: shown("slack-bot", 42))
    assert found.units[0].is_outdated
    assert "runs 1.0.0, not what is on disk: systemctl restart slack-bot" in deployment_text(found)


@pytest.mark.parametrize(("moved", "is_outdated"), [(STARTED - 60, False), (STARTED + 60, True)])
def test_without_root_the_time_of_the_link_decides(root: Path, tmp_path: Path, moved: int, is_outdated: bool):
    (root / "current").unlink()
    link(root / "current", "1.1.0", at=moved)
    found = deployment(root, tmp_path / "proc", lambda: shown("slack-bot", 42))
    assert (found.units[0].release, found.units[0].is_outdated) == (None, is_outdated)
    assert "its release is seen with sudo only" in deployment_text(found)


def test_each_colour_is_judged_by_its_own_link(root: Path, tmp_path: Path):
    link(root / "green", "1.0.0")
    process(tmp_path / "proc", 42, root, "1.1.0")
    process(tmp_path / "proc", 43, root, "1.0.0")
    said = "\n".join(
        (shown("slack-bot", 42), shown("slack-bot@blue", 0, "inactive", "dead"), shown("slack-bot@green", 43))
    )
    found = deployment(root, tmp_path / "proc", lambda: said)
    assert [(unit.name, unit.release, unit.is_outdated) for unit in found.units] == [
        ("slack-bot", "1.1.0", False),
        ("slack-bot@green", "1.0.0", False),
    ]


def test_a_unit_that_failed_is_told_and_has_no_process(root: Path, tmp_path: Path):
    found = deployment(root, tmp_path / "proc", lambda: shown("slack-bot", 0, "failed", "failed"))
    assert (found.units[0].state, found.units[0].pid, found.units[0].is_outdated) == ("failed (failed)", None, False)


def test_without_systemd_the_folders_are_told(root: Path, tmp_path: Path):
    found = deployment(root, tmp_path / "proc", lambda: "")
    assert deployment_text(found).splitlines()[-1] == "No unit runs."


def test_this_version_is_told_as_text_and_as_json(capsys: pytest.CaptureFixture[str]):
    assert main(["version"]) == 0
    assert capsys.readouterr().out.startswith("Data Bolt ")
    assert main(["version", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"version", "commit", "built", "folder", "python"}
