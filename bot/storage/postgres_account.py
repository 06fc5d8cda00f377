"""Postgres refuses to run as root: which account it runs as instead, and what that account can reach."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

PREFERRED_ACCOUNTS = ("data-bolt", "nobody")
"""One of its own when the operator made one, else the one that every Unix has."""


class PostgresUnavailable(Exception):
    """The embedded Postgres cannot be started; the message says what to set."""


class SpawnAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int
    is_other: bool
    """True when we are root and step down to it."""

    @property
    def spawn_as(self) -> SpawnAs:
        """For subprocess: nothing when we already are this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}

    def can_reach(self, path: Path) -> bool:
        """Whether every folder above the nearest existing part of *path* lets this account pass (resolved; no ACLs)."""
        path = path.resolve()
        while not path.exists():
            path = path.parent
        return all(self._may_enter(folder) for folder in (path, *path.parents))

    def _may_enter(self, path: Path) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def own(self, path: Path) -> None:
        """Hand *path* to the account, closed to everybody else."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)


def postgres_account(data: Path) -> Account:
    """Ourselves; as root the owner of an existing cluster in *data*, else an unprivileged account."""
    if os.geteuid() != 0:
        try:
            own_name = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            # initdb and peer authentication both look the name up.
            raise PostgresUnavailable(
                f"The user id {os.geteuid()} has no name on this machine, and Postgres needs one: set DATABASE_URL."
            ) from None
        return Account(own_name, os.geteuid(), os.getegid(), is_other=False)
    if data.exists() and (owner := data.stat().st_uid) != 0:
        entry = pwd.getpwuid(owner)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_other=True)
    for name in PREFERRED_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_other=True)
    raise PostgresUnavailable(
        "Postgres does not run as root, and there is no account data-bolt or nobody to run it as: "
        "create one, start as an ordinary user, or set DATABASE_URL."
    )


def make_reachable(folder: Path) -> None:
    """Create *folder* so that every account may pass through it, whatever the umask says."""
    if not folder.exists():
        make_reachable(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
