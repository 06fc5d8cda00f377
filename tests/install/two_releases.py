"""Two releases of the commit that is checked out, as `make release` makes them: the second has one commit more."""

import subprocess
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
COMMITTER: Final = ("-c", "user.name=Data Bolt's tests", "-c", "user.email=tests@localhost")


def make_releases(folder: Path) -> tuple[Path, Path]:
    """Both unpacked in *folder*."""
    clone = folder / "clone"
    _git(folder, "clone", "--quiet", "--no-hardlinks", f"file://{REPOSITORY}", str(clone))
    first = _release(clone, folder)
    _git(clone, *COMMITTER, "commit", "--quiet", "--allow-empty", "-m", "The next release")
    return first, _release(clone, folder)


def _release(clone: Path, folder: Path) -> Path:
    """Of the clone's commit: made, checked as the runbook says, unpacked."""
    before = set(clone.glob("dist/*.tar.gz"))
    subprocess.run(["make", "--quiet", "release"], cwd=clone, check=True, stdout=subprocess.DEVNULL)
    (tarball,) = set(clone.glob("dist/*.tar.gz")) - before
    subprocess.run(["sha256sum", "--check", "--quiet", f"{tarball.name}.sha256"], cwd=tarball.parent, check=True)
    subprocess.run(["tar", "-xzf", str(tarball), "-C", str(folder)], check=True)
    return folder / tarball.name.removesuffix(".tar.gz")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)
