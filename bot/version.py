"""Which Data Bolt this is: the number, and the commit where one is known."""

import importlib.metadata
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_DISTRIBUTION: Final = "data-bolt"
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF: Final = re.compile(r"refs/[\w./-]+")


@dataclass(frozen=True, slots=True)
class Version:
    number: str
    """`0.1.0`; `unknown` where nothing says it."""
    commit: str | None
    """The whole hash: of the release, or of the checkout's HEAD."""
    built: str | None
    """When the release was made (ISO 8601, UTC); None in a checkout."""
    folder: Path
    """Where the code lies, with no link on the way."""

    def __str__(self) -> str:
        return f"{self.number} ({self.commit[:10]})" if self.commit else self.number


def running_version() -> Version:
    """Of this process' own code. Blocking: it reads small files; ask once, at the start."""
    return version_at(Path(__file__).parent.parent)


def version_at(folder: Path) -> Version:
    """Of the release or checkout in *folder*. Blocking.

    `make release` leaves a file VERSION with `{"version", "commit", "built"}` beside pyproject.toml; a checkout has
    pyproject.toml and git; an installed package knows its number.
    """
    folder = folder.resolve()
    told = _release_file(folder)
    number = _text(told, "version") or _project_version(folder) or _installed_version()
    commit = _text(told, "commit") if told else _checked_out(folder / ".git")
    return Version(number or "unknown", commit, _text(told, "built"), folder)


def _release_file(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "VERSION").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _text(told: dict[str, Any], name: str) -> str | None:
    value = told.get(name)
    return value if isinstance(value, str) and value else None


def _project_version(folder: Path) -> str | None:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return None
    return _text(project, "version") if project.get("name") == _DISTRIBUTION else None


def _installed_version() -> str | None:
    try:
        return importlib.metadata.version(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return None


def _checked_out(git: Path) -> str | None:
    """HEAD's commit, read without git: it may not be installed, and refuses a checkout that another user owns."""
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip().removeprefix("ref: ")
        if _COMMIT.fullmatch(head):
            return head
        if not _REF.fullmatch(head) or ".." in head:
            return None
        loose = git / head
        commit = loose.read_text(encoding="ascii").strip() if loose.exists() else _packed(git, head)
    except (OSError, ValueError):
        return None
    return commit if commit and _COMMIT.fullmatch(commit) else None


def _packed(git: Path, ref: str) -> str | None:
    for line in (git / "packed-refs").read_text(encoding="utf-8").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return None
