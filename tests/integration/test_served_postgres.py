"""Postgres as a service: its own account's, and open to the daemon by its password alone."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bot.storage.database import StorageMisconfigured
from bot.storage.postgres_account import PostgresUnavailable
from bot.storage.postgres_tenant import Tenant
from bot.storage.served_postgres import ServedPostgres
from tests.postgres import NO_FSYNC, database_uri

ROOT = Path(__file__).parents[2]
PASSWORD = "s%3Acr%5Cet"
"""`s:cr\\et`: what a password file and an address spell in other ways."""


@pytest.fixture(scope="module")
def base(open_folder: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def address(base: Path, password: str = PASSWORD) -> str:
    return f"postgresql://slackbot:{password}@/slackbot?host={base / 'run'}"


@contextmanager
def served(base: Path, uri: str) -> Generator[ServedPostgres]:
    tenant = Tenant.of(uri, base / "run")
    server = ServedPostgres(base / "data", base / "run", tenant, settings=NO_FSYNC, shared=base.parent / "shared")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def refusal(uri: str) -> str:
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(uri).close()
    return str(refused.value)


def test_the_daemon_gets_in_by_its_password_and_into_its_database(base: Path):
    with served(base, address(base)):
        with psycopg.connect(address(base), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())")
            connection.execute("INSERT INTO visits DEFAULT VALUES")
            told = connection.execute(
                "SELECT current_user, current_database(), rolsuper, rolcreatedb, current_setting('listen_addresses')"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert told == ("slackbot", "slackbot", False, True, "")
        assert "password authentication failed" in refusal(address(base, "guessed"))
        assert "no pg_hba.conf entry" in refusal(f"postgresql://stranger@/slackbot?host={base / 'run'}")
    assert "failed" in refusal(address(base))


def test_a_new_password_holds_from_the_next_start_and_the_data_stays(base: Path):
    renewed = address(base, "renewed")
    with served(base, renewed):
        with psycopg.connect(renewed) as connection:
            connection.execute("SELECT count(*) FROM visits")
        assert "password authentication failed" in refusal(address(base))


def test_a_second_server_never_opens_the_same_data(base: Path):
    with served(base, address(base)):
        other = ServedPostgres(
            base / "data",
            base / "run2",
            Tenant.of(address(base), base / "run"),
            shared=base.parent / "shared",
            release_seconds=0.1,
        )
        with pytest.raises(PostgresUnavailable, match="serves .* already"):
            other.start()


def test_the_password_is_in_no_statement_that_the_server_could_log(base: Path):
    with served(base, address(base)), psycopg.connect(database_uri(_superuser(base), "postgres")) as connection:
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'slackbot'").fetchone()
    assert stored is not None
    assert stored[0].startswith("SCRAM-SHA-256$")


def _superuser(base: Path) -> str:
    return f"postgresql://postgres@/postgres?host={base / 'run'}"


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        ("postgresql://slackbot:secret@db.example.com/slackbot", "leads to db.example.com"),
        ("postgresql://slackbot@/slackbot?host=/run/there", "needs a user, a password and a database"),
        ("postgresql://postgres:secret@/slackbot?host=/run/there", "gets one of its own"),
    ],
)
def test_an_address_that_it_cannot_serve_is_refused_with_a_sentence(uri: str, what: str):
    with pytest.raises(StorageMisconfigured, match=what) as refused:
        Tenant.of(uri, Path("/run/there"))
    assert "secret" not in str(refused.value)


def command(base: Path, uri: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "bot.cli.main", "postgres", "serve"]
    return subprocess.Popen(
        [*words, "--data", str(base / "data"), "--socket-dir", str(base / "run")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(base), "DATABASE_URL": uri},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_the_command_serves_until_sigterm_and_then_shuts_down_in_order(base: Path):
    process = command(base, address(base))
    assert process.stdout is not None
    with process.stdout as said:
        for line in said:
            if b"postgres.serving" in line:
                break
        connection = psycopg.connect(address(base))  # one that stays open holds up no stop
        process.send_signal(signal.SIGTERM)
        last = said.read()
        connection.close()
    assert process.wait(60) == 0
    assert b"database system is shut down" in last
    assert b"renewed" not in last


def test_an_address_of_another_server_stops_the_command_for_good(base: Path):
    process = command(base, "postgresql://slackbot:secret@db.example.com/slackbot")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 78
    assert said.decode().strip().count("\n") == 0
    assert b"leads to db.example.com" in said
    assert b"secret" not in said
