"""A Postgres as a service of its own, for daemons of whatever account: `botctl postgres serve` under systemd.

The embedded one belongs to whoever attaches to it, and ends with the last. This one belongs to its unit: it lives as
long as that, blue and green share it, and the daemon that it serves logs in with a password over the Unix socket.
"""

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from bot.storage.postgres_access import ourselves_and
from bot.storage.postgres_account import Account, PostgresUnavailable, make_reachable, postgres_account
from bot.storage.postgres_binaries import MAJOR, SHARED, find_binaries
from bot.storage.postgres_server import PostgresServer
from bot.storage.postgres_tenant import Tenant

log = structlog.get_logger(__name__)

START_SECONDS = 300.0
"""Recovery after a power cut included: it reads what was written since the last checkpoint, five minutes at most."""
STOP_SECONDS = 30.0
POLL_SECONDS = 0.02
SETTINGS: Final[Mapping[str, str]] = {
    "unix_socket_permissions": "0777",  # what keeps strangers out is the password
    "max_connections": "200",  # 40 workers, and as many beside them during an upgrade; unused ones cost next to nothing
    "log_line_prefix": "[%p] ",  # the journal has the time
    "jit": "off",  # not built in; says so to who reads the settings
    "shared_preload_libraries": "plpgsql",  # an upgrade may remove the release whose files we run from
}
WHEN_MEMORY_IS_SHORT: Final[Mapping[str, str]] = {
    "PG_OOM_ADJUST_FILE": "/proc/self/oom_score_adj",
    "PG_OOM_ADJUST_VALUE": "0",
}
"""The unit protects the server itself; a connection's process may be killed, and the server mends that by itself."""


class ServedPostgres:
    """Everything here blocks, the constructor too: do it in a thread."""

    def __init__(
        self,
        base: Path,
        run: Path,
        tenant: Tenant,
        *,
        settings: Mapping[str, str] | None = None,
        shared: Path = SHARED,
        release_seconds: float = 20.0,
    ) -> None:
        """The data in *base*, the socket in *run*. Raises PostgresUnavailable, as `start` does.

        *release_seconds*: how long a server that was killed together with its supervisor may take to be gone.
        """
        self._base, self._run, self._tenant = base.absolute(), run.absolute(), tenant
        self._release_seconds = release_seconds
        self._account = postgres_account(self._base / f"data{MAJOR}")
        self._server = PostgresServer(
            self._base,
            self._run,
            self._account,
            find_binaries(self._account, shared),
            {**SETTINGS, **(settings or {})},
            access=ourselves_and(tenant.role),
            environment=WHEN_MEMORY_IS_SHORT,
            logs_to_stderr=True,
        )

    def start(self) -> None:
        """Return when the tenant can log in. What was started is stopped again when that comes to nothing."""
        self._prepare()
        self._spawn()
        try:
            self._wait_for_an_answer()
            self._tenant.settle(self._server.uri)
        except BaseException:
            self.stop()
            raise
        log.info("postgres.serving", base=str(self._base), socket=str(self._run), account=self._account.name)

    def wait(self) -> int:
        """Until the server ends, however it does: its exit code."""
        code = self._server.wait()
        assert code is not None, "no deadline was given"
        return code

    def stop(self) -> None:
        """Connections are cut, what they had not committed is rolled back, a checkpoint is written."""
        if not self._server.ended:
            self._server.end(signal.SIGINT)
            if self._server.wait(STOP_SECONDS) is None:
                self._server.end(signal.SIGQUIT)  # the next start recovers
                self._server.wait()
        log.info("postgres.stopped", base=str(self._base))

    def _spawn(self) -> None:
        deadline = time.monotonic() + self._release_seconds
        while True:
            with self._server.exclusively() as lock:
                if lock is not None:
                    self._server.spawn(lock)
                    return
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"Another Postgres serves {self._base} already: stop it first.")
            time.sleep(POLL_SECONDS)

    def _wait_for_an_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._server.answers():
            if self._server.ended:
                raise PostgresUnavailable(f"Postgres in {self._base} ended at its start: the lines above say why.")
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"Postgres in {self._base} does not answer: {self._server.complaint}")
            time.sleep(POLL_SECONDS)

    def _prepare(self) -> None:
        try:
            if self._account.is_other:
                make_reachable(self._base)
            self._base.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._base / "lock").mkdir(exist_ok=True, mode=0o700)
            self._run.mkdir(parents=True, exist_ok=True)
            _open_to_all(self._run, self._account)
        except OSError as error:
            raise PostgresUnavailable(f"Postgres cannot use {error.filename} ({error.strerror}).") from error


def _open_to_all(run: Path, account: Account) -> None:
    """Everybody may knock. Nobody else may put a socket of theirs in the server's place."""
    account.own(run)
    run.chmod(0o755)
