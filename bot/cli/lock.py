"""`botctl lock`: the lock files of a checkout, made anew from pyproject.toml. All of them change, or none."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bot.cli.errors import CommandError
from bot.version import running_version


class Lock(NamedTuple):
    file: str
    extras: Sequence[str] = ()
    """Of pyproject.toml, beside what the daemon always needs."""
    beside: str | None = None
    """Another of these, that may be installed into the same place: what both hold has one version."""
    group: str | None = None
    """A dependency group of pyproject.toml, in place of all that: tools with an environment of their own."""


BASE: Final = Lock("deploy/requirements.lock")
AWS: Final = Lock("deploy/requirements-aws.lock", ("aws", "dynamodb"))
LOCKS: Final = (
    BASE,
    AWS,
    Lock("deploy/requirements-otel.lock", ("otel",), beside=AWS.file),
    Lock("deploy/requirements-dev.lock", ("dev", "aws", "dynamodb", "local-model", "otel")),
    Lock("deploy/requirements-checks.lock", group="checks"),
)
_COMPILE: Final = (
    *("pip", "compile", "--quiet", "--generate-hashes", "--universal", "--python-version", "3.11", "--no-header"),
)


def lock(options: argparse.Namespace) -> int:
    checkout = running_version().folder
    if not (checkout / "pyproject.toml").is_file() or not os.access(checkout / BASE.file, os.W_OK):
        raise CommandError(f"{checkout} is no checkout that may be changed: run this where the code is worked on.")
    moves = _moves(newest=not options.keep, packages=options.package)
    changed = refresh_locks(checkout, _uv(), moves)
    print("\n".join(f"{file} changed" for file in changed) or "Nothing changed.")
    return 0


def refresh_locks(checkout: Path, uv: str, moves: Sequence[str]) -> list[str]:
    """The files that changed. *moves* are uv's options that say which packages may take a newer version."""
    with tempfile.TemporaryDirectory(prefix="botctl-lock-") as folder:
        work = Path(folder)
        _copy(checkout, work)
        for wanted in LOCKS:
            print(f"{wanted.file} ...", file=sys.stderr)
            _run(work, uv, *_COMPILE, *_words(wanted), *moves)
        return _put_back(work, checkout)


def _words(wanted: Lock) -> list[str]:
    if wanted.group:
        return ["-o", wanted.file, "--group", wanted.group]
    extras = [word for extra in wanted.extras for word in ("--extra", extra)]
    what_runs_is_what_was_tested = ["-c", BASE.file] if wanted is not BASE else []
    one_venv_holds_both = ["-c", wanted.beside] if wanted.beside else []
    return ["-o", wanted.file, "pyproject.toml", *extras, *what_runs_is_what_was_tested, *one_venv_holds_both]


def _moves(*, newest: bool, packages: Sequence[str]) -> list[str]:
    """*packages* alone, when there are any; else all of them, when *newest*."""
    if packages:
        return [word for package in packages for word in ("--upgrade-package", package)]
    return ["--upgrade"] if newest else []


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise CommandError("uv is not installed: it comes with the development packages (`make setup`).")
    return found


def _copy(checkout: Path, work: Path) -> None:
    """The same relative names: the locks' comments hold them."""
    (work / "deploy").mkdir()
    for file in ("pyproject.toml", *(wanted.file for wanted in LOCKS)):
        if (checkout / file).exists():
            shutil.copyfile(checkout / file, work / file)


def _put_back(work: Path, checkout: Path) -> list[str]:
    changed: list[str] = []
    for wanted in LOCKS:
        new, old = work / wanted.file, checkout / wanted.file
        if not old.exists() or new.read_bytes() != old.read_bytes():
            shutil.copyfile(new, old)
            changed.append(wanted.file)
    return changed


def _run(work: Path, *words: str) -> None:
    if subprocess.run(words, cwd=work, check=False).returncode:  # noqa: S603  # uv, and words of ours
        raise CommandError("uv found no set of versions, or no package index: see above. No lock file was changed.")
