"""Where the embedded Postgres keeps everything: in the folder that was asked for, or one that its account reaches."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from bot.storage.postgres_account import Account, PostgresUnavailable, postgres_account
from bot.storage.postgres_binaries import MAJOR, SHARED


@dataclass(frozen=True, slots=True)
class Base:
    folder: Path
    account: Account
    """Whom the data belongs to, or will."""

    @property
    def data(self) -> Path:
        """The cluster; not there before the first start."""
        return _data_in(self.folder)


def base_for(asked: Path, shared: Path = SHARED) -> Base:
    """For root, a folder that no other account can reach is replaced by one under *shared*. Makes nothing. Blocking.

    Raises PostgresUnavailable: its message says what to set.
    """
    asked = asked.absolute()
    account = postgres_account(_data_in(asked))
    if not account.is_other or account.can_reach(asked):
        return Base(asked, account)
    folder = shared / f"postgres-data-{hash_of(asked)}"
    account = postgres_account(_data_in(folder))
    if not account.can_reach(folder):
        raise PostgresUnavailable(
            f"Postgres does not run as root, and the account {account.name} can reach neither {asked.parent} "
            "nor the folder that was asked for: start as an ordinary user, or set DATABASE_URL."
        )
    return Base(folder, account)


def hash_of(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _data_in(folder: Path) -> Path:
    return folder / f"data{MAJOR}"
