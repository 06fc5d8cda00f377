"""bot.version: what a release, a checkout and a bare folder say of themselves."""

import json
import re
from pathlib import Path

import pytest

from bot.version import running_version, version_at

PROJECT = '[project]\nname = "data-bolt"\nversion = "1.2.3"\n'
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_this_checkout_knows_its_number_and_folder():
    version = running_version()
    assert re.fullmatch(r"\d+\.\d+\.\d+", version.number)
    assert (version.folder / "bot" / "version.py").is_file()


def test_a_release_says_what_its_file_says(tmp_path: Path):
    told = {"version": "2.0.0", "commit": COMMIT, "built": "2026-11-20T10:00:00Z"}
    (tmp_path / "VERSION").write_text(json.dumps(told))
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    version = version_at(tmp_path)
    assert (version.number, version.commit, version.built) == ("2.0.0", COMMIT, "2026-11-20T10:00:00Z")
    assert str(version) == "2.0.0 (0123456789)"


def test_a_link_is_followed_to_the_release(tmp_path: Path):
    (tmp_path / "releases").mkdir()
    (tmp_path / "current").symlink_to("releases")
    assert version_at(tmp_path / "current").folder == (tmp_path / "releases").resolve()


@pytest.mark.parametrize("way", ["loose", "packed", "detached"])
def test_a_checkout_says_its_commit_without_git(tmp_path: Path, way: str):
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    git = tmp_path / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text(f"{COMMIT}\n" if way == "detached" else "ref: refs/heads/main\n")
    if way == "loose":
        (git / "refs/heads/main").write_text(f"{COMMIT}\n")
    if way == "packed":
        (git / "packed-refs").write_text(f"# pack-refs with: peeled\n{COMMIT} refs/heads/main\n")
    version = version_at(tmp_path)
    assert (version.number, version.commit, version.built) == ("1.2.3", COMMIT, None)


@pytest.mark.parametrize("spoilt", ["not json", "[1]", '{"version": 3, "commit": ["x"]}'])
def test_a_spoilt_release_file_leaves_the_number_of_the_project(tmp_path: Path, spoilt: str):
    (tmp_path / "VERSION").write_text(spoilt)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    assert str(version_at(tmp_path)) == "1.2.3"


def test_a_head_that_leads_out_of_git_is_not_read(tmp_path: Path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "secret").write_text(COMMIT)
    (tmp_path / ".git/HEAD").write_text("ref: refs/../../secret\n")
    assert version_at(tmp_path).commit is None
