"""slack-bot-postgres.service and its backups, on a real systemd: what dies comes back with every row."""

from collections.abc import Callable

import pytest

from tests.systemd.installed import DATABASE_URL, RELEASE, pids_of
from tests.systemd.machine import Machine

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.timeout(180)]

UNIT = "slack-bot-postgres.service"
BACKUP = "slack-bot-backup.service"
FOLDER = "/var/lib/slack-bot-backups"
ACCOUNT = "slack-bot-postgres"
Figure = Callable[[str], None]


def botctl(machine: Machine, *words: str) -> str:
    """As an operator's: the address stands in the wrapper's environment."""
    return machine.run("env", f"DATABASE_URL={DATABASE_URL}", f"{RELEASE}/venv/bin/botctl", *words)


def ask(machine: Machine, statement: str) -> str:
    """As the daemon's role, in another program than ours."""
    program = f"import psycopg; print(*psycopg.connect({DATABASE_URL!r}).execute({statement!r}).fetchall())"
    return machine.run(f"{RELEASE}/venv/bin/python", "-c", program).strip()


@pytest.fixture(scope="module")
def served(installed: Machine) -> Machine:
    installed.run("systemctl", "stop", "slack-bot", "slack-bot@green")  # whoever ran before us left it running or not
    botctl(installed, "prepare", "schema")
    return installed


def test_it_runs_as_its_own_account_and_hears_nothing_but_its_socket(served: Machine, figure: Figure):
    pids = pids_of(served, UNIT)
    assert set(served.run("ps", "-o", "user:32=", "-p", ",".join(map(str, pids))).split()) == {ACCOUNT}
    assert served.run("stat", "-c", "%a %U", "/var/lib/slack-bot-postgres").split() == ["700", ACCOUNT]
    assert ask(served, "SHOW listen_addresses") == "('',)"
    shares = served.run("grep", "-h", "^Pss:", *(f"/proc/{pid}/smaps_rollup" for pid in pids)).splitlines()
    memory = sum(int(share.split()[1]) for share in shares) >> 10
    figure(f"{memory} MiB at rest, {len(pids)} processes")
    assert memory < 200


def test_the_password_is_in_no_argument_and_no_environment_of_its_processes(served: Machine):
    password = DATABASE_URL.partition("slackbot:")[2].partition("@")[0]
    for pid in pids_of(served, UNIT):
        assert password not in served.run("cat", f"/proc/{pid}/environ", f"/proc/{pid}/cmdline", check=False)
    assert not [entry for entry in served.journal(UNIT) if password in str(entry)]


@pytest.mark.parametrize("victim", ["supervisor", "server"])
def test_whichever_process_is_killed_it_is_back_with_every_row(served: Machine, figure: Figure, victim: str):
    before = ask(served, "SELECT version_num FROM alembic_version")
    main = served.show(UNIT, "MainPID")["MainPID"]
    pid = main if victim == "supervisor" else served.run("pgrep", "-P", main).split()[0]
    served.run("kill", "-9", pid)
    served.run("sh", "-c", f"until [ $(systemctl show -P MainPID {UNIT}) != {main} ]; do sleep 0.05; done")
    served.run("systemctl", "start", UNIT)
    states = served.show(UNIT, "ActiveState", "ActiveEnterTimestampMonotonic", "InactiveExitTimestampMonotonic")
    assert states["ActiveState"] == "active"
    assert ask(served, "SELECT version_num FROM alembic_version") == before
    took = int(states["ActiveEnterTimestampMonotonic"]) - int(states["InactiveExitTimestampMonotonic"])
    figure(f"ready {took / 1e6:.1f} s after its restart began")


def test_a_stop_waits_for_no_connection_and_ends_in_order(served: Machine):
    hold = "import os, psycopg, time; c = psycopg.connect(os.environ['URL']); c.execute('SELECT 1'); time.sleep(600)"
    # the journal has the command line: the password is none of it
    to_hold = ("systemd-run", "--unit=holder", "--quiet", f"--setenv=URL={DATABASE_URL}")
    served.run(*to_hold, f"{RELEASE}/venv/bin/python", "-c", hold)
    served.run("sh", "-c", f"until systemctl status {UNIT} | grep -q idle; do sleep 0.05; done")
    served.run("systemctl", "stop", UNIT)
    assert served.show(UNIT, "Result")["Result"] == "success"
    assert "database system is shut down" in str([entry["MESSAGE"] for entry in served.journal(UNIT)[-10:]])
    served.run("systemctl", "stop", "holder", check=False)
    served.run("systemctl", "start", UNIT)


def test_the_timer_comes_with_it_and_a_backup_restores(served: Machine, figure: Figure):
    assert served.show("slack-bot-backup.timer", "ActiveState")["ActiveState"] == "active"
    assert "slack-bot-backup.service" in served.run("systemctl", "list-timers", "--all")
    served.run("systemctl", "start", BACKUP)
    [name] = served.run("sh", "-c", f"ls {FOLDER}").split()
    assert served.run("stat", "-c", "%a %U", f"{FOLDER}/{name}").split() == ["600", ACCOUNT]
    assert "read back to its last byte" in str([entry["MESSAGE"] for entry in served.journal(BACKUP)])
    said = botctl(served, "db", "restore", "--from", FOLDER)
    kept = said.splitlines()[1].partition(":")[0]
    assert kept.startswith("slackbot_before_")
    assert ask(served, f"SELECT count(*) FROM pg_database WHERE datname = '{kept}'") == "(1,)"
    times = served.show(BACKUP, "ExecMainStartTimestampMonotonic", "ExecMainExitTimestampMonotonic")
    began, ended = (int(value) for value in times.values())
    size = int(served.run("stat", "-c", "%s", f"{FOLDER}/{name}")) >> 10
    figure(f"a backup of {size} KiB in {(ended - began) / 1e6:.1f} s")
