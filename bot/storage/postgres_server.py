"""One cluster and its server process: made, started, asked, interrupted."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import psycopg

from bot.storage.postgres_access import AccessRules, ourselves_only
from bot.storage.postgres_account import Account, PostgresUnavailable
from bot.storage.postgres_binaries import MAJOR, Binaries

LARGEST_LOG = 10 * 1024 * 1024
SETTINGS = {
    "listen_addresses": "",  # the Unix socket only
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "log_line_prefix": "%m [%p] ",
    # A row that it does not take, and the statement: people's words. Whoever asked is told all of it, and redacts it.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TZ")
"""Nothing else of our environment: it holds tokens, and the server may run as an account that others share."""

_left_running: list[subprocess.Popen[bytes]] = []
"""Servers that we started and others still use. A Popen that is collected while its process lives complains."""


class PostgresServer:
    """*base* is ours; the data in it and the socket's folder *run* belong to *account*."""

    def __init__(
        self,
        base: Path,
        run: Path,
        account: Account,
        binaries: Binaries,
        settings: Mapping[str, str],
        *,
        access: AccessRules | None = None,
        environment: Mapping[str, str] | None = None,
        logs_to_stderr: bool = False,
    ) -> None:
        """*access*: ourselves only, unless it says otherwise. The log is a file in *base*, unless it is our stderr."""
        self._base = base
        self._run = run
        self._account = account
        self._binaries = binaries
        self._access = access or ourselves_only()
        self._more_environment = environment or {}
        self._settings = {
            **SETTINGS,
            "unix_socket_directories": str(run),
            # Beside the data, not in it: root must not write into a folder of an account that others share.
            "hba_file": str(base / "pg_hba.conf"),
            "ident_file": str(base / "pg_ident.conf"),
            **settings,
        }
        self._data = base / f"data{MAJOR}"
        self._log = None if logs_to_stderr else base / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.complaint = ""
        """What the last unanswered connection was told."""

    @property
    def uri(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._run}"

    @property
    def ended(self) -> bool:
        """True when the server that we started is gone."""
        return self._process is not None and self._process.poll() is not None

    @property
    def last_words(self) -> str:
        return "" if self._log is None else self._log.read_text(errors="replace")[-600:]

    @contextlib.contextmanager
    def exclusively(self) -> Generator[int | None]:
        """The server's lock while the block runs; None when a process of the server holds it, that is, lives."""
        lock = os.open(self._base / "lock" / "server", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            yield None
            return
        try:
            yield lock
        finally:
            os.close(lock)  # the server keeps the copy that it inherited

    def spawn(self, lock: int) -> None:
        """Start the server; it inherits *lock*. Returns before it answers."""
        self.let_go()
        self._access.write_to(self._base)
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        for stale in self._run.glob(".s.PGSQL.*"):
            stale.unlink()  # the lock proves that nobody serves it
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        os.set_inheritable(lock, True)
        with self._open_log() as log:
            self._process = subprocess.Popen(  # noqa: S603 (our own program and arguments)
                [self._binaries.postgres, "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**_environment(), **self._more_environment, **self._stale_pid()},
                start_new_session=True,  # a Ctrl-C in our terminal is not for it
                pass_fds=(lock,),
                **self._account.spawn_as,
            )

    def answers(self) -> bool:
        try:
            psycopg.connect(self.uri, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            self.complaint = str(error).strip()
            return False
        return True

    def wait(self, seconds: float | None = None) -> int | None:
        """The exit code of the server that we started; None when it lives on after *seconds*."""
        assert self._process is not None, "spawn comes first"
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def end(self, how: signal.Signals) -> None:
        """Signal the server that we started: SIGINT and SIGQUIT mean what `interrupt` says."""
        assert self._process is not None, "spawn comes first"
        self._process.send_signal(how)

    def interrupt(self, how: Literal["INT", "QUIT"]) -> None:
        """Ask the server to end: INT rolls back what is open and writes a checkpoint, QUIT leaves that to recovery."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.connect(str(self._run / ".s.PGSQL.5432"))  # somebody listens, so the pid file is not stale
            pid = (self._data / "postmaster.pid").read_text().split()[0]
        except (OSError, IndexError):
            return
        # As the server's own account: whatever stands in its file, root signals nobody else's process.
        self._run_tool([self._binaries.pg_ctl, "kill", how, pid.lstrip("-")])

    def let_go(self) -> None:
        """Forget the process that we started: reaped when it has ended, kept aside while others use it."""
        if self._process is not None:
            _left_running.append(self._process)
        self._process = None
        _left_running[:] = [process for process in _left_running if process.poll() is None]

    def _make_cluster(self) -> None:
        """In a temporary folder, renamed when it is whole: a half-made cluster can never be used."""
        if others := [folder.name for folder in self._base.glob("data[0-9]*")]:
            raise PostgresUnavailable(
                f"{self._base} holds {', '.join(others)}, made by another Postgres version than {MAJOR}: "
                "dump it with that version and restore it, or set DATABASE_URL."
            )
        for leftover in self._base.glob("init-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        temporary = Path(tempfile.mkdtemp(prefix="init-", dir=self._base))
        self._account.own(temporary)
        command: list[str | Path] = [
            self._binaries.initdb,
            "-D",
            temporary,
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
        ]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        command += ["--auth-local=peer", "--auth-host=reject"]
        if self._settings.get("fsync") == "off":  # data that need not survive a power cut need not do so at birth
            command.append("--no-sync")
        ran = self._run_tool(command)
        if ran.returncode != 0:
            said = ran.stdout.decode(errors="replace").strip()[-600:]
            raise PostgresUnavailable(f"initdb in {self._base} failed: {said}")
        temporary.rename(self._data)
        folder = os.open(self._base, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _run_tool(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 (our own programs and arguments)
            command,
            check=False,
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **self._account.spawn_as,
        )

    def _stale_pid(self) -> dict[str, str]:
        """After a kill the pid file may name a process of somebody else's; that of a "grandparent" is ignored."""
        try:
            pid = (self._data / "postmaster.pid").read_text().split()[0]
        except (FileNotFoundError, IndexError):
            return {}
        return {"PG_GRANDPARENT_PID": pid.lstrip("-")}

    def _open_log(self) -> contextlib.AbstractContextManager[int | None]:
        if self._log is None:
            return contextlib.nullcontext()
        if self._log.exists() and self._log.stat().st_size > LARGEST_LOG:
            self._log.rename(self._log.with_suffix(".log.1"))
        return _open_to_append(self._log)


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


@contextlib.contextmanager
def _open_to_append(path: Path) -> Generator[int]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)
