"""What deploy/ec2 leaves to systemd: the embedded Postgres on a volume of its own (the unit as it is, but for what it
runs), and the one address that workload identity federation opens in a unit that denies every link-local one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systemd.machine import CommandFailed, Machine, boot

pytestmark = pytest.mark.extra("systemd")

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
UNIT = "slack-bot-postgres.service"
DATA = "/var/lib/slack-bot-postgres"
INSTEAD = f"""[Service]
Type=oneshot
Restart=no
LoadCredential=
WorkingDirectory=/
ExecStart=
ExecStart=/bin/sh -c 'echo began >> {DATA}/PG_VERSION'
"""


@pytest.fixture(scope="module")
def vm() -> Iterator[Machine]:
    with boot() as vm:
        vm.write("/etc/sysusers.d/slack-bot-postgres.conf", (UNITS / "sysusers.d/slack-bot-postgres.conf").read_text())
        vm.run("systemd-sysusers")
        vm.write(f"/etc/systemd/system/{UNIT}", (UNITS / UNIT).read_text())
        vm.write(f"/etc/systemd/system/{UNIT}.d/instead.conf", INSTEAD)
        vm.run("mkdir", "-p", DATA, "/opt/slack-bot")
        yield vm


def mount(vm: Machine, line: str) -> None:
    vm.write("/etc/fstab", line)
    vm.run("systemctl", "daemon-reload")


def test_without_its_volume_postgres_does_not_begin_an_empty_database_on_the_systems_disk(vm: Machine):
    mount(vm, f"volume {DATA} tmpfs size=none,nofail 0 0\n")  # cannot be; a container's systemd looks at no device
    with pytest.raises(CommandFailed, match="[Dd]ependency"):
        vm.start(UNIT)
    assert vm.run("ls", DATA) == ""


def test_the_files_of_the_vm_before_are_taken_over_whatever_number_its_account_had(vm: Machine):
    mount(vm, f"volume {DATA} tmpfs nofail 0 0\n")
    vm.run("mount", DATA)
    vm.run("sh", "-c", f"mkdir {DATA}/base && echo 17 > {DATA}/PG_VERSION && chown -R 4242:4242 {DATA}")
    vm.start(UNIT)
    assert vm.run("cat", f"{DATA}/PG_VERSION") == "17\nbegan\n"
    assert set(vm.run("stat", "-c", "%U", DATA, f"{DATA}/base", f"{DATA}/PG_VERSION").split()) == {"slack-bot-postgres"}


def lines(file: Path, name: str) -> str:
    found = [line for line in file.read_text().splitlines() if line.startswith(f"{name}=")]
    assert found
    return "\n".join(found)


def lets_out(vm: Machine, address: str, *allowances: str) -> bool:
    """Whether a unit with these lines may send to *address*: a datagram is refused at once, where TCP would hang."""
    send = f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('{address}', 80))"
    unit = f'[Service]\nType=oneshot\nExecStart=/usr/bin/python3 -c "{send}"\n'
    vm.write("/etc/systemd/system/sender.service", "\n".join([unit, *allowances]))
    vm.run("systemctl", "daemon-reload")
    vm.run("systemctl", "start", "sender", check=False)
    return vm.show("sender", "Result")["Result"] == "success"


def test_federation_opens_the_metadata_service_and_no_other_neighbour(vm: Machine):
    vm.run("ip", "link", "set", "lo", "up")
    for address in ("169.254.169.254", "169.254.7.7"):
        vm.run("ip", "address", "add", f"{address}/32", "dev", "lo")
    denied = lines(UNITS / "slack-bot.service", "IPAddressDeny")
    opened = lines(ROOT / "deploy/ec2/metadata.conf", "IPAddressAllow")
    assert lets_out(vm, "169.254.169.254")
    assert not lets_out(vm, "169.254.169.254", denied)
    assert lets_out(vm, "169.254.169.254", denied, opened)
    assert not lets_out(vm, "169.254.7.7", denied, opened)
