"""A Postgres of our own, started when DATABASE_URL is unset; a single VM may run on it for good.

The kernel's locks tell the truth, not pid files:

    lock/server   exclusive; the server inherits it, so it is held exactly while any process of the server lives
    lock/users    shared by everybody who is attached; the last one out can make it exclusive, and stops the server

So whatever is killed, whenever, the next start finds out what is left and goes on from there.
"""

import asyncio
import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import structlog

from bot.storage.embedded_base import base_for, hash_of
from bot.storage.postgres_account import PostgresUnavailable, make_reachable
from bot.storage.postgres_binaries import SHARED, find_binaries
from bot.storage.postgres_server import PostgresServer

log = structlog.get_logger(__name__)

START_SECONDS = 120.0
"""First start included: initdb takes half a second on a laptop and many on a burdened machine."""
STOP_SECONDS = 30.0
POLL_SECONDS = 0.02
LONGEST_SOCKET_FOLDER = 80
"""sockaddr_un holds 104 bytes on macOS and 108 on Linux, `/.s.PGSQL.5432` included."""


class EmbeddedPostgres:
    """Everything here blocks, the constructor too: do it in a thread. Objects and processes may share one *base*."""

    def __init__(self, base: Path, *, settings: Mapping[str, str] | None = None, shared: Path = SHARED) -> None:
        """*base* holds everything. For root, one that no other account can reach is replaced by one under *shared*.

        Raises PostgresUnavailable, as `start` does: its message says what to set.
        """
        found = base_for(base, shared)
        self.base, self._account = found.folder, found.account
        self._run = _socket_folder(self.base)
        binaries = find_binaries(self._account, shared)
        self._server = PostgresServer(self.base, self._run, self._account, binaries, settings or {})
        self._users: int | None = None
        self._one_at_a_time = threading.Lock()

    @property
    def uri(self) -> str:
        return self._server.uri

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Attach to the server, starting it if it does not run; its libpq URI."""
        with self._one_at_a_time:
            if self._users is None:
                deadline = time.monotonic() + START_SECONDS
                try:
                    self._prepare_base()
                    self._users = self._attach(deadline)
                    self._prepare_run()
                    self._serve(deadline)
                except BaseException:
                    self._detach()
                    raise
            return self.uri

    def revive(self) -> None:
        """Start the server again if it was killed. Does nothing before `start` and after `stop`."""
        with self._one_at_a_time:
            if self._users is not None:
                self._serve(time.monotonic() + START_SECONDS)

    def stop(self) -> bool:
        """Detach; the last one out stops the server. True when it no longer runs."""
        with self._one_at_a_time:
            if self._users is None:
                return False
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False  # others use it
            else:
                return self._stop_server()
            finally:
                self._detach()

    def _prepare_base(self) -> None:
        try:
            if self._account.is_other:
                make_reachable(self.base)
            self.base.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.base / "lock").mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise PostgresUnavailable(
                f"Postgres cannot keep data in {self.base} ({error}): set DATABASE_URL."
            ) from error

    def _prepare_run(self) -> None:
        """While attached, for the last one out removes it."""
        with contextlib.suppress(FileExistsError):
            self._run.mkdir(mode=0o700)
        if self._run.is_symlink() or self._run.lstat().st_uid not in (self._account.uid, os.geteuid()):
            raise PostgresUnavailable(f"{self._run} belongs to somebody else: remove it, or set DATABASE_URL.")
        self._account.own(self._run)

    def _attach(self, deadline: float) -> int:
        users = os.open(self.base / "lock" / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:  # somebody stops the server just now
                if time.monotonic() > deadline:
                    os.close(users)
                    raise PostgresUnavailable(f"Postgres in {self.base} is being stopped and does not end.") from None
                time.sleep(POLL_SECONDS)
            else:
                return users

    def _detach(self) -> None:
        self._server.let_go()
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _serve(self, deadline: float) -> None:
        """Until the server answers. Whoever gets its lock starts it; when a starter dies, its lock is free again."""
        spawned = False
        while True:
            if spawned and self._server.ended:
                raise PostgresUnavailable(f"Postgres in {self.base} ended at its start:\n{self._server.last_words}")
            with self._server.exclusively() as lock:
                if lock is not None:
                    self._server.spawn(lock)
                    spawned = True
                    log.info("postgres.started", base=str(self.base), account=self._account.name)
            if self._server.answers():
                return
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"Postgres in {self.base} does not answer: {self._server.complaint}")
            time.sleep(POLL_SECONDS)

    def _stop_server(self) -> bool:
        """We hold the users' lock, so nobody attaches meanwhile."""
        steps: tuple[tuple[Literal["INT", "QUIT"], float], ...] = (("INT", STOP_SECONDS), ("QUIT", STOP_SECONDS / 3))
        for how, seconds in steps:
            self._server.interrupt(how)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                with self._server.exclusively() as lock:
                    if lock is not None:
                        with contextlib.suppress(OSError):
                            self._run.rmdir()
                        log.info("postgres.stopped", base=str(self.base))
                        return True
                time.sleep(POLL_SECONDS)
        return False


async def keep_running(postgres: EmbeddedPostgres, every_seconds: float = 2.0) -> None:
    """Revive *postgres* whenever it was killed, until cancelled. Nobody else would: it is nobody's service."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await asyncio.to_thread(postgres.revive)
        except PostgresUnavailable as error:
            log.error("postgres.not_revived", error=str(error))


def _socket_folder(base: Path) -> Path:
    """The same for every process whatever its environment says of temporary folders."""
    run = base / "run"
    return run if len(os.fsencode(run)) <= LONGEST_SOCKET_FOLDER else Path("/tmp") / f"data-bolt-{hash_of(base)}"  # noqa: S108 (owner checked)
