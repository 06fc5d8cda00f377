"""Data Bolt on a machine as an installer leaves it: the unit files as they are, the checkout as the release.

What is only so on the machine of the tests stands in drop-ins: where the interpreter is, and which ports are free.
"""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.settings import Settings
from tests.systemd.machine import Machine

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
RELEASE = "/opt/slack-bot/releases/tested"
SETTINGS = "/etc/slack-bot/slack-bot.env"
SECRETS = "/etc/slack-bot/secrets"
DATABASE_URL = "postgresql://slackbot:a-password-of-tests@/slackbot?host=/run/slack-bot-postgres"
_HERE = (Path(sys.prefix), Path(sys.base_prefix), ROOT)
"""What the units run here: they see no home, and of /tmp only their own."""


def secret_names() -> list[str]:
    return sorted(name for name, field in Settings.model_fields.items() if SecretStr in _parts(field.annotation))


def install(machine: Machine) -> None:
    """The release, for the daemon and for blue and green, and the units. Nothing is started."""
    machine.run("mkdir", "-p", RELEASE)
    # A copy: somebody may be editing the checkout while the tests run.
    parts = [ROOT / part for part in ("bot", "agent", "systemd", "pyproject.toml")]
    machine.run("cp", "-r", "--preserve=timestamps", *parts, RELEASE)
    machine.run("ln", "-sfn", sys.prefix, f"{RELEASE}/venv")
    # As install.sh does it: the units may not write here, and each of their many starts would compile everything anew.
    machine.run(f"{RELEASE}/venv/bin/python", "-m", "compileall", "-q", f"{RELEASE}/bot", f"{RELEASE}/agent")
    for name in ("current", "blue", "green"):
        machine.run("ln", "-sfn", RELEASE, f"/opt/slack-bot/{name}")
    for path in sorted(UNITS.rglob("*")):
        if path.is_file() and path.suffix in (".service", ".timer", ".conf") and path.parent.name != "sysusers.d":
            machine.write(f"/etc/systemd/system/{path.relative_to(UNITS)}", path.read_text())
    for path in UNITS.glob("sysusers.d/*.conf"):
        machine.run("systemd-sysusers", "-", stdin=path.read_text())
    seen = " ".join(map(str, _HERE))
    machine.write(
        "/etc/systemd/system/slack-.service.d/here.conf",
        f"[Service]\nProtectHome=tmpfs\nBindReadOnlyPaths={seen}\nExecPaths={seen}\n",
    )
    machine.run("systemctl", "daemon-reload")


def configure(machine: Machine, settings: Mapping[str, str]) -> None:
    """*settings* by their names, into the unit's environment and the secrets' folder; a secret without one is empty."""
    for name in secret_names():
        machine.write(f"{SECRETS}/{name}", settings.get(name.upper(), ""), 0o600)
    plain = {name: value for name, value in settings.items() if name.lower() not in secret_names()}
    machine.write(SETTINGS, "".join(f"{name}={value}\n" for name, value in plain.items()))
    machine.write("/etc/slack-bot/secrets.env", f"SECRETS_FROM=dir:{SECRETS}\n")


def add_drop_in(machine: Machine, unit: str, name: str, *lines: str) -> None:
    machine.write(f"/etc/systemd/system/{unit}.d/{name}.conf", "[Service]\n" + "\n".join(lines) + "\n")
    machine.run("systemctl", "daemon-reload")


def remove_drop_in(machine: Machine, unit: str, name: str) -> None:
    machine.run("rm", f"/etc/systemd/system/{unit}.d/{name}.conf")
    machine.run("systemctl", "daemon-reload")


def use_free_health_port(machine: Machine, unit: str) -> int:
    """The machine is on our network, where other tests may have the unit's own port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    lines = f"Environment=HEALTH_PORT={port}", "SocketBindAllow=", f"SocketBindAllow=ipv4:tcp:{port}"
    add_drop_in(machine, unit, "zz-port", *lines)
    return port


def pids_of(machine: Machine, unit: str) -> list[int]:
    """Every process of *unit*, as the machine numbers them."""
    group = machine.show(unit, "ControlGroup")["ControlGroup"]
    return [int(pid) for pid in machine.run("cat", f"/sys/fs/cgroup{group}/cgroup.procs", check=False).split()]


def _parts(annotation: object) -> tuple[object, ...]:
    return getattr(annotation, "__args__", (annotation,))
