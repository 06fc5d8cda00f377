"""The deploy scripts as far as a machine need not be changed: what they say, refuse and would do."""

import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.deploy.shell import DEPLOY, bash

SCRIPTS = ("install.sh", "upgrade.sh", "rollback.sh", "uninstall.sh", "release.sh")
SYSTEMS = {
    "debian": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
    "ubuntu": 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n',
    "amzn": 'PRETTY_NAME="Amazon Linux 2023.6"\nVERSION_ID="2023"\nID="amzn"\nID_LIKE="fedora"\n',
    "old-debian": 'PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nVERSION_ID="11"\nID=debian\n',
    "fedora": 'PRETTY_NAME="Fedora Linux 41"\nVERSION_ID=41\nID=fedora\n',
}
FIND_PYTHON = """
source "$DEPLOY/lib/say.sh"; source "$DEPLOY/lib/places.sh"; source "$DEPLOY/lib/system.sh"
is_good_python() { [[ -e $MADE && $1 == "$BRINGS" ]]; }  # none, until the packages brought one
require_known_os
find_python
echo "python=$python"
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH in which root is us, and the package managers note what they are asked for."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, does in {
        "id": "echo 0",
        "apt-get": 'echo "apt-get $*" >> "$ASKED"; touch "$MADE"',
        "dnf": 'echo "dnf $*" >> "$ASKED"; touch "$MADE"',
    }.items():
        command = commands / name
        command.write_text(f"#!/bin/sh\n{does}\n")
        command.chmod(0o755)
    return tmp_path


def environ_of(machine: Path, system: str) -> dict[str, str]:
    release = machine / "os-release"
    release.write_text(SYSTEMS[system])
    return {
        "PATH": f"{machine / 'bin'}:{os.environ['PATH']}",
        "OS_RELEASE": str(release),
        "ASKED": str(machine / "asked"),
        "MADE": str(machine / "made"),
    }


@pytest.mark.parametrize(
    ("system", "brings", "asked"),
    [
        ("debian", "/usr/bin/python3", "python3-venv"),
        ("ubuntu", "/usr/bin/python3", "python3-venv"),
        ("amzn", "/usr/bin/python3.11", "dnf install -y -q python3.11"),
    ],
)
def test_python_comes_from_the_systems_packages(machine: Path, system: str, brings: str, asked: str) -> None:
    environ = environ_of(machine, system) | {"BRINGS": brings}
    done = bash(FIND_PYTHON, environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"python={brings}\n")
    assert asked in (machine / "asked").read_text()


def test_packages_are_left_alone_where_python_is_there(machine: Path) -> None:
    (machine / "made").touch()
    done = bash(FIND_PYTHON, environ_of(machine, "debian") | {"BRINGS": "/usr/bin/python3"})
    assert done.returncode == 0, done.stderr
    assert not (machine / "asked").exists()


@pytest.mark.parametrize("system", ["old-debian", "fedora"])
def test_another_system_is_refused_in_a_sentence(machine: Path, system: str) -> None:
    done = bash('exec bash "$DEPLOY/install.sh" --dry-run', environ_of(machine, system))
    assert done.returncode == 1
    assert "the install is made for Amazon Linux 2023, Debian 12 and Ubuntu 24.04" in done.stderr
    assert done.stderr.count("✗") == 1


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_is_the_scripts_first_comment(script: str) -> None:
    done = bash('exec bash "$DEPLOY/$1" --help', {}, script)
    assert done.returncode == 0
    assert f"deploy/{script}" in done.stdout
    assert "shellcheck" not in done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_unknown_option_is_named(script: str) -> None:
    done = bash('exec bash "$DEPLOY/$1" --colour', {}, script)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"✗ {script} has no option --colour: see --help.\n"


@pytest.mark.parametrize("option", ["--env", "--policy", "--google", "--secrets-from", "--python"])
def test_an_option_without_its_value_is_named(option: str) -> None:
    done = bash('exec bash "$DEPLOY/install.sh" "$1" --dry-run', {}, option)
    assert done.stderr == f"✗ {option} needs a value: see --help.\n"


def test_who_is_not_root_is_told() -> None:
    done = bash('id() { echo 1000; }; export -f id; exec bash "$DEPLOY/rollback.sh"', {})
    assert (done.returncode, done.stderr) == (1, "✗ rollback.sh needs root: run it with sudo.\n")


def test_a_step_that_nobody_foresaw_ends_in_a_sentence_too() -> None:
    done = bash('source "$DEPLOY/lib/say.sh"; step "Do it"; false; echo never', {})
    assert done.returncode == 1
    assert 'could not go on at "Do it"' in done.stderr
    assert "never" not in done.stdout


def test_a_release_is_named_by_its_version_and_commit(tmp_path: Path) -> None:
    for folder in ("bot", "agent"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").touch()
    commit = "0123456789abcdef0123456789abcdef01234567"
    (tmp_path / "VERSION").write_text(f'{{"version": "1.2.3", "commit": "{commit}", "built": "2026-01-01"}}')
    identify = 'for part in say places release; do source "$DEPLOY/lib/$part.sh"; done; identify_release "$1"; '
    done = bash(identify + 'echo "$release_dir"', {}, str(tmp_path))
    assert done.stdout == "/opt/slack-bot/releases/1.2.3-0123456789ab\n"
    (tmp_path / "VERSION").write_text('{"version": "../..", "commit": "x"}')
    done = bash(identify, {}, str(tmp_path))
    assert "does not name a version and a commit" in done.stderr


def test_old_releases_go_but_never_one_that_a_link_names_or_that_something_runs_from(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    for age, name in enumerate(["new", "newer", "middle", "old", "postgres", "oldest"]):
        (releases / name).mkdir(parents=True)
        os.utime(releases / name, (10_000 - age, 10_000 - age))
    (tmp_path / "previous").symlink_to(releases / "oldest")
    # The places are constants of a VM; here they are this test's.
    drop = (
        'source "$DEPLOY/lib/say.sh"; opt=$1 releases=$1/releases kept_releases=3; '
        'link_to() { readlink -f "$opt/$1" || true; }; source "$DEPLOY/lib/release.sh"; drop_old_releases'
    )
    with subprocess.Popen(["cat"], cwd=releases / "postgres", stdin=subprocess.PIPE):
        done = bash(drop, {}, str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert {folder.name for folder in releases.iterdir()} == {"new", "newer", "middle", "postgres", "oldest"}


ADD_EXTRA = """
source "$DEPLOY/lib/say.sh"; releases=$1; source "$DEPLOY/lib/extras.sh"; source "$DEPLOY/lib/release.sh"
release_dir=$1/new
for extra in "${@:2}"; do with_extra "$extra"; done
keep_extras_of "$1/old"
lay_out_release /nowhere "${locks:-requirements.lock}" python3
"""


@pytest.mark.parametrize(
    ("before", "asked", "installed"),
    [
        ("requirements.lock", [], None),
        ("requirements-aws.lock", [], None),
        ("requirements-aws.lock", ["aws"], None),
        ("requirements.lock", ["otel"], "requirements-otel.lock requirements.lock"),
        ("requirements-aws.lock", ["otel", "otel"], "requirements-otel.lock requirements-aws.lock"),
    ],
)
def test_an_extra_comes_to_what_a_release_has_and_nothing_is_fetched_twice(
    tmp_path: Path, before: str, asked: list[str], installed: str | None
) -> None:
    for name in ("old", "new"):  # the running release, and one that was laid out with the same extras
        release = tmp_path / name
        (release / "venv/bin").mkdir(parents=True)
        (release / "deploy").mkdir()
        (release / ".lock").write_text(f"{before}\n")
        (release / ".complete").touch()
        for lock in ("requirements.lock", "requirements-aws.lock", "requirements-otel.lock"):
            (release / "deploy" / lock).touch()
        python = release / "venv/bin/python"
        python.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n')
        python.chmod(0o755)
    done = bash(ADD_EXTRA, {}, str(tmp_path), *asked)
    assert done.returncode == 0, done.stderr
    pip = (tmp_path / "asked").read_text().split() if (tmp_path / "asked").exists() else []
    files = [Path(word).name for option, word in pairwise(pip) if option == "-r"]
    assert files == (installed.split() if installed else [])
    assert (tmp_path / "new/.lock").read_text() == f"{installed or before}\n"


def test_an_extra_that_nobody_knows_is_named() -> None:
    done = bash('exec bash "$DEPLOY/install.sh" --with colour', {})
    assert done.stderr == "✗ --with knows aws and otel.\n"


LOAD_SECRETS = """
for part in say places service; do source "$DEPLOY/lib/$part.sh"; done
sed() { echo ssm:/slack-bot/prod; }
systemctl() { echo "HOME=/run AWS_REGION=ap-northeast-2"; }
systemd-run() { printf '%s|' "$@"; }
load_secrets_for /opt/slack-bot/releases/new
"""


def test_an_upgrade_asks_for_secrets_with_the_environment_that_the_unit_asks_with() -> None:
    done = bash(LOAD_SECRETS, {})
    assert done.returncode == 0, done.stderr
    assert "|Environment=HOME=/run AWS_REGION=ap-northeast-2|" in done.stdout
    assert "|/opt/slack-bot/releases/new/venv/bin/botctl|secrets|sync|--from|ssm:/slack-bot/prod|" in done.stdout


LOOK = 'for part in say places walk; do source "$DEPLOY/lib/$part.sh"; done; systemctl() { echo "$STATE"; false; }; '


@pytest.mark.parametrize("state", ["failed", "activating"])
def test_a_release_that_fails_may_be_left_by_an_upgrade(state: str) -> None:
    done = bash(LOOK + "look_at_running /opt/slack-bot/releases/bad", {"STATE": state})
    assert (done.returncode, done.stderr) == (0, "")
    assert f"! slack-bot is not ready on bad ({state})" in done.stdout


def test_a_daemon_that_somebody_stopped_is_not_started_by_an_upgrade() -> None:
    done = bash(LOOK + "look_at_running /opt/slack-bot/releases/1", {"STATE": "inactive"})
    assert done.returncode == 1
    assert done.stderr.startswith("✗ slack-bot is inactive, and was not by failing: start it")


@pytest.mark.extra("shellcheck")
def test_shellcheck_finds_nothing() -> None:
    scripts = [*DEPLOY.glob("*.sh"), DEPLOY / "botctl"]
    done = subprocess.run(
        ["shellcheck", "--external-sources", "--check-sourced", *scripts], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
