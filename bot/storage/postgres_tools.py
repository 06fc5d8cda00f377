"""Postgres' own pg_dump and pg_restore, from the wheel. No password is in their arguments, environment or on a disk."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bot.storage.database import StorageUnavailable, libpq_uri
from bot.storage.postgres_binaries import wheel_binaries

PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH", "TZ")
LONGEST_COMPLAINT = 600
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class ToolFailed(Exception):
    """pg_dump or pg_restore gave up; the message is its own."""


def dump(uri: str, into: Path) -> None:
    """The whole database as of one moment, in the format that pg_restore can choose from. Blocks.

    Compressed lightly: what is large in it, results and checkpoints, is compressed already.
    """
    options = ["--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges", f"--file={into}"]
    _run([wheel_binaries().pg_dump, *options], uri)


def restore(file: Path, uri: str) -> None:
    """Everything of *file* into the empty database of *uri*, or nothing. Blocks."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run([wheel_binaries().pg_restore, *options, file], uri)


def contents(file: Path) -> Sequence[str]:
    """The tables whose rows *file* holds, as `schema.table`. Raises ToolFailed for what is no backup."""
    lines = _run([wheel_binaries().pg_restore, "--list", file]).splitlines()
    entries = [line.partition("; ")[2].split() for line in lines if not line.startswith(";")]
    # 3345; 0 16400 TABLE DATA public inbox slackbot
    return [f"{entry[4]}.{entry[5]}" for entry in entries if entry[2:4] == ["TABLE", "DATA"]]


def read_whole(file: Path) -> None:
    """Unpack every block of *file* to nowhere: its list of contents stands in front and proves nothing of the rest.

    Raises ToolFailed.
    """
    _run([wheel_binaries().pg_restore, f"--file={os.devnull}", file])


def _run(command: Sequence[str | Path], uri: str | None = None) -> str:
    with contextlib.ExitStack() as stack:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        files: tuple[int, ...] = ()
        arguments = list(command)
        if uri is not None:
            parts: dict[str, Any] = conninfo_to_dict(libpq_uri(uri))
            _refuse_open_road(parts)
            password = str(parts.pop("password", None) or "")
            arguments[1:1] = ["--no-password", f"--dbname={make_conninfo(**parts)}"]
            if password:
                file = stack.enter_context(_password_file(password))
                environment["PGPASSFILE"] = f"/dev/fd/{file}"
                files = (file,)
        ran = subprocess.run(  # noqa: S603 (our own programs and arguments)
            arguments,
            check=False,
            cwd="/",
            env=environment,
            pass_fds=files,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    if ran.returncode != 0:
        raise _complaint(Path(arguments[0]).name, ran.stderr.decode(errors="replace").strip())
    return ran.stdout.decode(errors="replace")


def _refuse_open_road(parts: Mapping[str, Any]) -> None:
    """The wheel's programs are built without TLS: left to themselves they would send everything in the clear."""
    host = str(parts.get("host") or "")
    if host.startswith(("/", "@")) or host in LOOPBACK or parts.get("sslmode") == "disable":
        return
    raise ToolFailed(
        f"The embedded Postgres' programs speak no TLS, so they do not talk to {host or 'a server without a name'}: "
        "use that server's own backups and pg_dump (or sslmode=disable in DATABASE_URL, on a network of your own)"
    )


def _complaint(tool: str, said: str) -> Exception:
    if "connection to server" in said:
        return StorageUnavailable(f"Postgres did not answer {tool}: {said.splitlines()[0]}")
    return ToolFailed(f"{tool}: {said[-LONGEST_COMPLAINT:] or 'it ended without a word'}")


@contextlib.contextmanager
def _password_file(password: str) -> Generator[int]:
    """What PGPASSFILE names: in memory where the system can, else a file without a name's worth of life."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    if sys.platform == "linux":
        file = os.memfd_create("pgpass", os.MFD_CLOEXEC)
    else:
        file, path = tempfile.mkstemp(prefix="pgpass-")
        Path(path).unlink()
    try:
        os.fchmod(file, 0o600)  # libpq ignores one that others may read
        os.write(file, f"*:*:*:*:{escaped}\n".encode())
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)
