"""What a new VM does, run here with stand-ins for AWS, disks and systemd that remember what they were asked."""

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.stack_templates import EC2, user_data

VOLUME = "vol-0a1b2c3d"
DISK = "nvme-Amazon_Elastic_Block_Store_vol0a1b2c3d"


class Vm:
    """Commands that a script finds in place of the real ones, and what they were asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._commands = folder / "bin"
        self._asked = folder / "asked"
        self._commands.mkdir()
        for name in ("disks", "etc", "agent"):
            (folder / name).mkdir()
        (folder / "fstab").touch()
        self.env = folder / "vm.env"
        self.env.write_text(
            "STACK=slack-bot\nREGION=ap-northeast-2\nPREFIX=/slack-bot/prod\nBUCKET=house\n"
            f"POSTGRES=embedded\nVOLUME={VOLUME}\n"
        )

    def command(self, name: str, does: str = "") -> None:
        script = self._commands / name
        script.write_text(f'#!/bin/bash\necho "{name} $*" >>{self._asked}\n{does}\n')
        script.chmod(0o755)

    def asked(self, *names: str) -> list[str]:
        lines = self._asked.read_text().splitlines() if self._asked.exists() else []
        return [line for line in lines if not names or line.split()[0] in names]

    def run(self, script: Path, *words: str) -> subprocess.CompletedProcess[str]:
        places = {name.upper(): str(self.folder / name) for name in ("disks", "etc", "agent", "fstab")}
        return subprocess.run(
            ["bash", str(script), *words],
            env={"PATH": f"{self._commands}:{os.environ['PATH']}", "VM_ENV": str(self.env), "PAUSE": "0", **places},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def vm(tmp_path: Path) -> Vm:
    vm = Vm(tmp_path)
    for name in ("systemctl", "mount", "mkfs.xfs", "xfs_growfs", "dnf", "usermod", "curl", "gpg"):
        vm.command(name)
    vm.command("cloud-init", "echo i-0123")
    vm.command("mountpoint", "exit 1")
    return vm


def attach(vm: Vm) -> subprocess.CompletedProcess[str]:
    return vm.run(EC2 / "attach-volume.sh", VOLUME, str(vm.folder / "data"))


def test_a_new_volume_is_attached_formatted_and_mounted(vm: Vm):
    vm.command("aws", f"touch {vm.folder}/disks/{DISK}")
    vm.command("blkid", "exit 2")
    assert attach(vm).returncode == 0
    (attached,) = vm.asked("aws")
    assert f"--volume-id {VOLUME} --instance-id i-0123" in attached
    assert vm.asked("mkfs.xfs", "mount") == [
        f"mkfs.xfs -q {vm.folder}/disks/{DISK}",
        f"mount {vm.folder}/data",
    ]
    assert "nofail" in (vm.folder / "fstab").read_text()


def test_a_volume_with_data_is_never_formatted(vm: Vm):
    vm.command("aws", f"touch {vm.folder}/disks/{DISK}")
    vm.command("blkid", "exit 0")
    assert attach(vm).returncode == 0
    assert vm.asked("mkfs.xfs") == []
    assert vm.asked("mount")


def test_where_nobody_can_tell_what_is_on_the_volume_nothing_is_done_to_it(vm: Vm):
    (vm.folder / "disks" / DISK).touch()
    vm.command("blkid", "exit 8")
    told = attach(vm)
    assert told.returncode != 0
    assert "nothing is done to it" in told.stderr
    assert vm.asked("mkfs.xfs", "mount") == []


def test_the_volume_is_waited_for_while_the_vm_before_goes_down(vm: Vm):
    tries = vm.folder / "tries"
    vm.command("aws", f"echo x >>{tries}; [ $(wc -l <{tries}) -ge 4 ] && touch {vm.folder}/disks/{DISK}")
    vm.command("blkid", "exit 0")
    assert attach(vm).returncode == 0
    assert len(vm.asked("aws")) == 4


def test_a_volume_that_is_never_let_go_stops_the_boot_with_a_sentence(vm: Vm):
    vm.command("aws", "exit 255")
    told = attach(vm)
    assert told.returncode != 0
    assert "is another VM holding it?" in told.stderr
    assert vm.asked("mount") == []


def test_a_second_boot_leaves_one_line_in_fstab(vm: Vm):
    (vm.folder / "disks" / DISK).touch()
    vm.command("blkid", "exit 0")
    attach(vm)
    attach(vm)
    assert len((vm.folder / "fstab").read_text().splitlines()) == 1


def test_settings_come_from_the_stacks_own_folder_and_secrets_from_its_region(vm: Vm):
    etc = vm.folder / "etc"
    vm.command("aws", f"echo BIGQUERY_PROJECT=p >{etc}/slack-bot/slack-bot.env")
    assert vm.run(EC2 / "fetch-settings.sh").returncode == 0
    (asked,) = vm.asked("aws")
    assert "s3://house/config/slack-bot/" in asked
    region = etc / "systemd/system/slack-bot-secrets.service.d/region.conf"
    assert "AWS_REGION=ap-northeast-2" in region.read_text()


def test_the_installer_opens_the_metadata_service_for_awss_federation_and_closes_it_after(vm: Vm):
    etc = vm.folder / "etc"
    step = vm.folder / "step.sh"
    step.write_text(
        f"""set -eu
        dry_run='' here={EC2.parent} etc={etc} units_dir={etc}/units
        run() {{ "$@"; }}
        source {EC2.parent}/lib/settings.sh
        see_to_federation"""
    )
    units = [etc / "units" / unit / "metadata.conf" for unit in ("slack-bot.service.d", "slack-bot@.service.d")]
    for kind, is_open in (("aws4_request", True), ("jwt", False), ("aws4_request", True)):
        (etc / "google.json").write_text(json.dumps({"subject_token_type": f"urn:ietf:params:aws:token-type:{kind}"}))
        assert vm.run(step).returncode == 0
        assert [unit.exists() for unit in units] == [is_open, is_open]
    assert "IPAddressAllow=169.254.169.254" in units[0].read_text()
    assert len(vm.asked("systemctl")) == 3
    assert vm.run(step).returncode == 0
    assert len(vm.asked("systemctl")) == 3  # nothing changed


def test_a_stack_without_settings_says_where_they_belong(vm: Vm):
    vm.command("aws")
    told = vm.run(EC2 / "fetch-settings.sh")
    assert told.returncode != 0
    assert "put slack-bot.env into s3://house/config/slack-bot/" in told.stderr


def agent(vm: Vm, schema: str) -> Path:
    folder = vm.folder / "agent"
    for name in ("doc", "etc", "bin"):
        (folder / name).mkdir()
    (folder / "doc/amazon-cloudwatch-agent-schema.json").write_text(schema)
    started = folder / "bin/amazon-cloudwatch-agent-ctl"
    started.write_text(f'#!/bin/bash\necho "$*" >{folder}/started\n')
    started.chmod(0o755)
    return folder


def test_the_agent_is_told_the_stacks_name_and_started(vm: Vm):
    folder = agent(vm, '{"journald": 1}')
    assert vm.run(EC2 / "ship-logs.sh").returncode == 0
    assert vm.asked("dnf") == []
    config = (folder / "etc/slack-bot.json").read_text()
    assert "/slack-bot/slack-bot/metrics" in config
    assert "@STACK@" not in config
    assert "fetch-config -m ec2 -s" in (folder / "started").read_text()


@pytest.mark.parametrize("signed_by", ["937616F3450B7D806CBD9725D58167303B789C72", "0" * 40])
def test_an_agent_from_outside_the_distribution_is_installed_only_when_amazon_signed_it(vm: Vm, signed_by: str):
    agent(vm, "{}")
    vm.command("gpg", f'echo "[GNUPG:] VALIDSIG {signed_by} 2026-07-22"')
    told = vm.run(EC2 / "ship-logs.sh")
    is_amazons = not signed_by.startswith("0")
    assert (told.returncode == 0) is is_amazons
    assert ("dnf install -y -q ./agent.rpm" in vm.asked("dnf")) is is_amazons


def release_in(folder: Path) -> Path:
    """A release whose every step but boot.sh writes down that it was taken."""
    ec2 = folder / "release/deploy/ec2"
    ec2.mkdir(parents=True)
    (ec2 / "boot.sh").write_text((EC2 / "boot.sh").read_text())
    for step in ("ec2/attach-volume.sh", "ec2/fetch-settings.sh", "ec2/ship-logs.sh", "install.sh"):
        script = ec2.parent / step
        script.write_text(f'#!/bin/bash\necho "{step} $*" >>{folder}/asked\n')
        script.chmod(0o755)
    return ec2 / "boot.sh"


@pytest.mark.parametrize("postgres", ["embedded", "outside"])
def test_the_disk_comes_before_the_settings_the_logs_before_the_bot(vm: Vm, postgres: str):
    vm.env.write_text(vm.env.read_text().replace("POSTGRES=embedded", f"POSTGRES={postgres}"))
    assert vm.run(release_in(vm.folder)).returncode == 0
    install = "install.sh --with aws --secrets-from ssm:/slack-bot/prod"
    embedded = [f"ec2/attach-volume.sh {VOLUME} /var/lib/slack-bot-postgres"]
    assert vm.asked() == [
        *(embedded if postgres == "embedded" else []),
        "ec2/fetch-settings.sh ",
        "ec2/ship-logs.sh ",
        install if postgres == "embedded" else f"{install} --without-embedded-postgres",
    ]


def test_the_bot_runs_though_its_log_lines_reach_nobody(vm: Vm):
    boot = release_in(vm.folder)
    (boot.parent / "ship-logs.sh").write_text("#!/bin/bash\nexit 1\n")
    assert vm.run(boot).returncode == 0
    assert any(line.startswith("install.sh") for line in vm.asked())


def test_the_installer_knows_every_option_that_a_vm_gives_it():
    install = (EC2.parent / "install.sh").read_text()
    for option in re.findall(r"--[a-z-]+", (EC2 / "boot.sh").read_text()):
        assert re.search(rf"^\s+{option}\)", install, re.MULTILINE), option


def scripts_of_user_data(vm: Vm) -> tuple[Path, Path]:
    files = {file["path"]: file["content"] for file in yaml.safe_load(user_data())["write_files"]}
    written: list[Path] = []
    for name in ("slack-bot-fetch", "slack-bot-boot"):
        script = vm.folder / "bin" / name
        text = files[f"/usr/local/sbin/{name}"].replace("/etc/slack-bot-vm.env", str(vm.env))
        for place in ("/opt/aws/bin/", "/usr/local/sbin/"):
            text = text.replace(place, f"{vm.folder}/bin/")
        script.write_text(text.replace("/var/tmp/", f"{vm.folder}/"))
        script.chmod(0o755)
        written.append(script)
    return written[0], written[1]


def tarball(vm: Vm, *, boots: bool = True) -> str:
    """A release in the bucket; its checksum."""
    path = vm.folder / "release.tar.gz"
    boot = f"#!/bin/bash\necho booted >>{vm.folder}/asked\nexit {0 if boots else 3}\n".encode()
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo("data-bolt-1.0/deploy/ec2/boot.sh")
        entry.size, entry.mode = len(boot), 0o755
        tar.addfile(entry, io.BytesIO(boot))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def in_aws(vm: Vm, sha256: str) -> None:
    named, copied = f'echo "releases/1.0.tar.gz {sha256}"', f'cp {vm.folder}/release.tar.gz "${{@: -1}}"'
    vm.command("aws", f'case "$1" in ssm) {named} ;; s3) {copied} ;; esac')
    vm.command("cfn-signal")


def test_a_vm_boots_the_release_that_the_stack_names_and_says_that_it_did(vm: Vm):
    in_aws(vm, tarball(vm))
    _, boot = scripts_of_user_data(vm)
    assert vm.run(boot).returncode == 0
    assert any("s3://house/releases/1.0.tar.gz" in line for line in vm.asked("aws"))
    assert vm.asked("booted", "cfn-signal") == [
        "booted",
        "cfn-signal --exit-code 0 --stack slack-bot --resource Group --region ap-northeast-2",
    ]


def test_a_release_with_another_checksum_is_not_run_and_the_stack_hears_of_it(vm: Vm):
    tarball(vm)
    in_aws(vm, "0" * 64)
    _, boot = scripts_of_user_data(vm)
    assert vm.run(boot).returncode != 0
    assert vm.asked("booted") == []
    assert "--exit-code 1" in vm.asked("cfn-signal")[0]


def test_a_boot_that_fails_is_told_with_its_code(vm: Vm):
    in_aws(vm, tarball(vm, boots=False))
    _, boot = scripts_of_user_data(vm)
    assert vm.run(boot).returncode == 3
    assert "--exit-code 3" in vm.asked("cfn-signal")[0]
