"""The embedded Postgres: whoever starts it, wherever the clone lies, whatever is killed."""

import asyncio
import contextlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.storage.embedded import EmbeddedPostgres, keep_running
from bot.storage.postgres_account import PostgresUnavailable, postgres_account
from bot.storage.postgres_binaries import MAJOR, PACKAGE, find_binaries
from tests.postgres import NO_FSYNC

ROOT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root steps down to another account")


@pytest.fixture
def base(open_folder: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o755)
    yield folder / "pg"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shared(open_folder: Path) -> Path:
    return open_folder / "shared"


class Probe:
    """An embedded Postgres in another process."""

    def __init__(
        self, base: Path, shared: Path, *, hold: bool = False, prefix: tuple[str, ...] = (), **environment: str
    ) -> None:
        command = [*prefix, sys.executable, "-m", "tests.integration.embedded_probe", str(base), str(shared)]
        self._process = subprocess.Popen(
            command + (["hold"] if hold else []),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while not (line := self._process.stdout.readline()).startswith(b"{"):
            assert line, "the probe died without a word"
        return json.loads(line)

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def run(self) -> dict[str, Any]:
        """What it said, ended."""
        try:
            said = self.hear()
            return said | (self.hear() if "error" not in said else {})
        finally:
            self.end()


def answers(uri: str) -> bool:
    try:
        psycopg.connect(uri).close()
    except psycopg.OperationalError:
        return False
    return True


def server_pid(postgres: EmbeddedPostgres) -> int:
    return int((postgres.base / f"data{MAJOR}" / "postmaster.pid").read_text().split()[0])


def test_it_keeps_its_data_from_start_to_start_and_hears_no_network(base: Path, shared: Path) -> None:
    first = Probe(base, shared).run()
    assert (first["visits"], first["listen"], first["stopped"]) == (1, "", True)
    assert not answers(first["uri"])
    assert Probe(base, shared).run()["visits"] == 2


def test_several_share_it_and_the_last_one_out_stops_it(base: Path, shared: Path) -> None:
    with EmbeddedPostgres(base, shared=shared, settings=NO_FSYNC) as postgres:
        other = Probe(base, shared, hold=True)
        assert other.hear()["uri"] == postgres.uri
        assert not postgres.stop()
        assert answers(postgres.uri)
        other.end()
        assert not answers(postgres.uri)


def test_whoever_started_it_may_leave_first(base: Path, shared: Path) -> None:
    starter = Probe(base, shared, hold=True)
    uri = starter.hear()["uri"]
    with EmbeddedPostgres(base, shared=shared, settings=NO_FSYNC):
        starter.end()
        assert answers(uri)
    assert not answers(uri)


def test_many_starting_at_once_get_one_server(base: Path, shared: Path) -> None:
    probes = [Probe(base, shared, hold=True) for _ in range(4)]
    said = [probe.hear() for probe in probes]
    assert sorted(word["visits"] for word in said) == [1, 2, 3, 4]
    for probe in probes:
        probe.end()
    assert not answers(said[0]["uri"])


def test_a_killed_daemon_finds_its_server_again(base: Path, shared: Path) -> None:
    killed = Probe(base, shared, hold=True)
    killed.hear()
    killed.kill()
    again = Probe(base, shared).run()
    assert (again["visits"], again["stopped"]) == (2, True)


def test_everything_killed_at_once_loses_no_row(base: Path, shared: Path) -> None:
    killed = Probe(base, shared, hold=True)
    killed.hear()
    pid = server_pid(EmbeddedPostgres(base, shared=shared, settings=NO_FSYNC))
    os.killpg(pid, signal.SIGKILL)  # the server and its children: a session of its own
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    killed.kill()
    assert Probe(base, shared).run()["visits"] == 2


def test_a_pid_file_that_names_a_stranger_stops_no_start(base: Path, shared: Path) -> None:
    with EmbeddedPostgres(base, shared=shared, settings=NO_FSYNC) as postgres:
        os.killpg(server_pid(postgres), signal.SIGKILL)
        file = postgres.base / f"data{MAJOR}" / "postmaster.pid"
        lines = file.read_text().splitlines()
        file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
        postgres.revive()
        assert answers(postgres.uri)


async def test_a_server_that_is_killed_under_us_is_revived(base: Path, shared: Path) -> None:
    postgres = await asyncio.to_thread(lambda: EmbeddedPostgres(base, shared=shared, settings=NO_FSYNC))
    await asyncio.to_thread(postgres.start)
    watch = asyncio.create_task(keep_running(postgres, every_seconds=0.05))
    try:
        os.killpg(await asyncio.to_thread(server_pid, postgres), signal.SIGKILL)
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(answers, postgres.uri):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        assert await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.revive)
    assert not await asyncio.to_thread(answers, postgres.uri), "what was stopped stays stopped"


def test_a_half_made_cluster_is_never_used(base: Path, shared: Path) -> None:
    leftover = base / "init-killed"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    base.chmod(0o755)
    assert Probe(base, shared).run()["visits"] == 1
    assert not leftover.exists()


def test_data_of_another_version_is_not_passed_over(base: Path, shared: Path) -> None:
    (base / "data17").mkdir(parents=True)
    base.chmod(0o755)
    assert "another Postgres version" in Probe(base, shared).run()["error"]


def test_a_path_too_long_for_a_socket_works(base: Path, shared: Path) -> None:
    deep = base / ("long-" * 12) / ("name-" * 12)
    said = Probe(deep, shared).run()
    assert said["visits"] == 1
    assert said["base"] == str(deep)


def test_a_socket_folder_of_somebody_else_is_refused(base: Path, shared: Path) -> None:
    deep = base / ("long-" * 12) / ("other-" * 12)
    with EmbeddedPostgres(deep, shared=shared, settings=NO_FSYNC) as postgres:
        run = Path(postgres.uri.partition("host=")[2])
    assert not run.exists()
    run.symlink_to(base)
    try:
        with pytest.raises(PostgresUnavailable, match="belongs to somebody else"):
            EmbeddedPostgres(deep, shared=shared, settings=NO_FSYNC).start()
    finally:
        run.unlink()


def test_the_servers_environment_holds_none_of_our_secrets(base: Path, shared: Path) -> None:
    probe = Probe(base, shared, hold=True, SLACK_BOT_TOKEN="xoxb-secret")
    probe.hear()
    pid = server_pid(EmbeddedPostgres(base, shared=shared, settings=NO_FSYNC))
    environment = Path(f"/proc/{pid}/environ")
    if not environment.exists():
        pytest.skip("no /proc here")
    seen = environment.read_bytes()
    probe.end()
    assert b"xoxb" not in seen


@as_root
def test_root_in_a_private_folder_gets_data_where_the_server_can_reach_it(tmp_path: Path, shared: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    said = Probe(private / "pg", shared).run()
    assert said["visits"] == 1
    assert Path(said["base"]).parent == shared
    assert Probe(private / "pg", shared).run()["visits"] == 2
    assert Probe(private / "other", shared).run()["visits"] == 1, "another folder is another database"


@as_root
def test_root_with_a_private_clone_runs_a_copy_of_the_programs(base: Path, shared: Path, tmp_path: Path) -> None:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    installed = Path(spec.submodule_search_locations[0])
    clone = tmp_path / "clone"
    clone.mkdir(mode=0o700)
    for folder in (installed, installed.with_name(f"{PACKAGE}.libs")):
        unneeded = shutil.ignore_patterns("include", "*.a", "pginstall")
        shutil.copytree(folder, clone / folder.name, symlinks=True, ignore=unneeded)
    private = base.parent / "programs"
    said = Probe(base, private, PYTHONPATH=str(clone)).run()
    assert said["visits"] == 1
    assert Path(said["bin"]).is_relative_to(private)
    [copy] = private.iterdir()
    assert copy.stat().st_uid == 0
    assert copy.stat().st_mode & 0o022 == 0
    copy.chmod(0o777)
    assert "can be changed by others" in Probe(base, private, PYTHONPATH=str(clone)).run()["error"]


@as_root
def test_root_with_a_careful_umask_is_not_locked_out(base: Path, shared: Path) -> None:
    prefix = ("sh", "-c", 'umask 077; exec "$@"', "sh")
    said = Probe(base / "deep" / "er", shared.parent / "careful" / "shared", prefix=prefix).run()
    assert said["visits"] == 1


@as_root
def test_where_nothing_can_be_reached_one_sentence_says_what_to_set(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    said = Probe(private / "pg", private / "shared").run()
    assert "set DATABASE_URL" in said["error"]


@as_root
def test_the_servers_own_account_may_not_connect(base: Path, shared: Path) -> None:
    """It is an account that strangers may share; the kernel says who connects."""
    with EmbeddedPostgres(base, shared=shared, settings=NO_FSYNC) as postgres:
        account = postgres_account(postgres.base / f"data{MAJOR}")
        psql = find_binaries(account, shared).folder / "psql"
        ran = subprocess.run(
            [psql, "-c", "SELECT 1", postgres.uri],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            capture_output=True,
            check=False,
            cwd="/",
        )
        assert b"Peer authentication failed" in ran.stderr


@as_root
def test_an_ordinary_user_in_a_private_home(open_folder: Path, shared: Path) -> None:
    account = pwd.getpwnam("nobody")
    prefix = ("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv")
    can_read = [*prefix, sys.executable, "-c", "import bot.storage.embedded"]
    if subprocess.run(can_read, cwd=ROOT, check=False, capture_output=True).returncode != 0:
        pytest.skip("an ordinary user cannot read this clone")
    home = Path(tempfile.mkdtemp(dir=open_folder))  # 0700
    os.chown(home, account.pw_uid, account.pw_gid)
    said = Probe(home / "pg", shared, prefix=prefix).run()
    assert (said["visits"], said["base"], said["stopped"]) == (1, str(home / "pg"), True)


def test_its_own_log_quotes_no_row_and_no_statement_that_failed(postgres: EmbeddedPostgres) -> None:
    said = "what the person said"
    with psycopg.connect(postgres.uri, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE kept (words text NOT NULL, at date NOT NULL)")
        with pytest.raises(psycopg.errors.NotNullViolation, match=said):  # who asked is told all of it
            connection.execute("INSERT INTO kept VALUES (%s, NULL)", [said])
        with pytest.raises(psycopg.errors.SyntaxError):
            connection.execute(f"SELECT '{said}' FROM FROM")  # type: ignore[call-overload]
    log = (postgres.base / "postgres.log").read_text(errors="replace")
    assert "violates not-null constraint" in log
    assert "syntax error" in log
    assert said not in log
