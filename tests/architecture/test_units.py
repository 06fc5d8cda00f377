"""The unit files: what must agree with the code, and with each other."""

import re
from configparser import RawConfigParser
from pathlib import Path

import pytest

from bot.daemon import CLOSING_SECONDS
from bot.settings import Settings
from tests.systemd.installed import UNITS, secret_names

DAEMON = UNITS / "slack-bot.service"
INSTANCE = UNITS / "slack-bot@.service"
SANDBOX = (
    *("CapabilityBoundingSet=", "NoNewPrivileges=yes", "PrivateDevices=yes", "PrivateTmp=yes", "PrivateUsers=yes"),
    *("ProtectHome=yes", "ProtectSystem=strict", "RestrictNamespaces=yes", "SystemCallFilter=@system-service"),
    *("LimitCORE=0", "NoExecPaths=/", "SocketBindDeny=any", "UMask=0077"),
)
"""What every service of ours has."""


def lines(unit: Path) -> list[str]:
    return [line for line in unit.read_text().splitlines() if line and not line.startswith("#")]


def services() -> list[Path]:
    return sorted(UNITS.glob("*.service"))


@pytest.mark.parametrize("unit", [DAEMON, INSTANCE], ids=lambda path: path.name)
def test_the_daemon_is_handed_every_secret_setting(unit: Path) -> None:
    handed = [line for line in lines(unit) if line.startswith("LoadCredential=")]
    assert handed == [f"LoadCredential={name}:/run/slack-bot-secrets/{name}" for name in secret_names()]


def test_blue_and_green_are_the_same_unit_but_for_their_release_and_port() -> None:
    of_their_own = ("Documentation=", "Environment=HEALTH_PORT=", "SocketBindAllow=")
    plain = [line.replace("/opt/slack-bot/current", "/opt/slack-bot/%i") for line in lines(DAEMON)]
    instance = [line.replace(" (%i)", "") for line in lines(INSTANCE)]
    assert [line for line in plain if not line.startswith(of_their_own)] == [
        line for line in instance if not line.startswith(of_their_own)
    ]


def test_each_instance_has_a_health_port_of_its_own() -> None:
    ports = [re.search(r"HEALTH_PORT=(\d+)", DAEMON.read_text())]
    for name in ("blue", "green"):
        dropped_in = (UNITS / f"slack-bot@{name}.service.d/port.conf").read_text()
        ports.append(re.search(r"HEALTH_PORT=(\d+)", dropped_in))
        assert ports[-1] is not None
        assert f"SocketBindAllow=ipv4:tcp:{ports[-1][1]}" in dropped_in
    assert [port and port[1] for port in ports] == ["9464", "9465", "9466"]
    assert "health_port" in Settings.model_fields


@pytest.mark.parametrize("unit", services(), ids=lambda path: path.name)
def test_every_service_stands_in_the_sandbox(unit: Path) -> None:
    assert [rule for rule in SANDBOX if rule not in lines(unit)] == []


def test_systemd_waits_longer_for_a_stop_than_the_daemon_takes() -> None:
    assert _setting("TimeoutStopSec") >= Settings.model_fields["drain_seconds"].default
    assert _setting("TimeoutStopSec") >= CLOSING_SECONDS


def test_a_wrong_configuration_is_not_tried_again_and_everything_else_is_for_ever() -> None:
    assert {"RestartPreventExitStatus=78", "Restart=always", "StartLimitIntervalSec=0"} <= set(lines(DAEMON))


def _setting(name: str) -> float:
    parser = RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]  # systemd's names have capitals
    parser.read(DAEMON)
    return float(parser["Service"][name])
