"""The stacks of deploy/ec2 as others see them: cfn-lint, checkov, cloud-init, shellcheck, and moto, which makes them.

moto knows neither alarms, metric filters and mail nor egress rules and bucket policies, and updates what has a changed
`!Ref` in it: the rest is asserted on the text (tests/unit/deploy). The tools come from deploy/requirements-checks.lock,
in an environment of their own.
"""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.conftest import CHECKS
from tests.moto_server import aws_account
from tests.stack_templates import EC2, TEMPLATES, text_of, user_data

__all__ = ["aws_account"]  # a fixture

REGION = "ap-northeast-2"
FILES = [str(EC2 / f"{name}.yaml") for name in TEMPLATES]
RELEASE = {"ReleaseKey": "releases/1.0.tar.gz", "ReleaseSha256": "0" * 64}
NEXT = {"ReleaseKey": "releases/1.1.tar.gz", "ReleaseSha256": "1" * 64}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.extra("cfn-lint")
def test_cfn_lint_finds_nothing():
    told = run(str(CHECKS / "cfn-lint"), "--include-checks", "I", "--", *FILES)
    assert (told.returncode, told.stdout) == (0, "")


@pytest.mark.extra("cfn-lint")
def test_checkov_finds_nothing_that_is_not_explained():
    told = run(
        *(str(CHECKS / "checkov"), "--framework", "cloudformation", "--skip-download", "--compact", "--output", "json"),
        *(word for file in FILES for word in ("--file", file)),
    )
    summary = json.loads(told.stdout)["summary"]
    assert (summary["failed"], summary["parsing_errors"], summary["skipped"]) == (0, 0, 2)
    assert summary["passed"] > 30


@pytest.mark.extra("cloud-init")
def test_cloud_init_takes_the_user_data(tmp_path: Path):
    file = tmp_path / "user-data.yaml"
    file.write_text(user_data())
    told = run("cloud-init", "schema", "--config-file", str(file))
    assert told.returncode == 0, told.stderr
    file.write_text(user_data().replace("write_files:", "write_files: 7\nothers:"))
    assert run("cloud-init", "schema", "--config-file", str(file)).returncode != 0


@pytest.mark.extra("shellcheck")
def test_shellcheck_finds_nothing_in_what_a_vm_runs(tmp_path: Path):
    scripts = [str(path) for path in EC2.glob("*.sh")]
    for file in yaml.safe_load(user_data())["write_files"]:
        if file["content"].startswith("#!"):
            script = tmp_path / Path(file["path"]).name
            script.write_text(file["content"])
            scripts.append(str(script))
    assert len(scripts) == 6
    told = run("shellcheck", "--exclude=SC1091", *scripts)  # it does not follow the file that the VM has
    assert told.stdout == ""


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    server = subprocess.Popen(
        [str(CHECKS / "moto_server"), "-H", "127.0.0.1", "-p", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        for line in server.stderr:
            if found := re.search(r"Running on (http://\S+)", line):
                yield found[1]
                break
        else:
            pytest.fail("moto's server did not start")
    finally:
        server.terminate()
        server.communicate()


class Account:
    """An account of moto's, which is nobody's."""

    def __init__(self, url: str) -> None:
        self._open: dict[str, Any] = {}
        self._url = url

    def __getattr__(self, service: str) -> Any:
        if service not in self._open:
            self._open[service] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self._url,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )
        return self._open[service]

    def close(self) -> None:
        for client in self._open.values():
            client.close()

    def make(self, stack: str, template: str, **parameters: str) -> dict[str, str]:
        """Made, or updated where it is there; its outputs."""
        words = {
            "StackName": stack,
            "TemplateBody": text_of(template),
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
        is_there = any(one["StackName"] == stack for one in self.cloudformation.describe_stacks()["Stacks"])
        (self.cloudformation.update_stack if is_there else self.cloudformation.create_stack)(**words)
        (made,) = self.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        assert made["StackStatus"] == ("UPDATE_COMPLETE" if is_there else "CREATE_COMPLETE")
        return {output["OutputKey"]: output["OutputValue"] for output in made.get("Outputs", [])}


@pytest.fixture
def account(aws_url: str, aws_account: None) -> Iterator[Account]:
    account = Account(aws_url)
    try:
        yield account
    finally:
        account.close()


@pytest.mark.extra("cfn-lint")
def test_the_stacks_are_made_updated_and_deleted(account: Account):
    (vpc,) = account.ec2.describe_vpcs()["Vpcs"]
    subnet = account.ec2.describe_subnets()["Subnets"][0]
    where = {
        "VpcId": vpc["VpcId"],
        "SubnetIds": subnet["SubnetId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
    }
    foundation = account.make("slack-bot-foundation", "foundation")
    monitoring = account.make("slack-bot-monitoring", "monitoring", AlarmEmail="ops@corp.example")
    made = account.make("slack-bot", "stack", **where, **RELEASE)

    (group,) = account.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["slack-bot"])[
        "AutoScalingGroups"
    ]
    assert (group["MinSize"], group["MaxSize"], len(group["Instances"])) == (1, 1, 1)
    (volume,) = account.ec2.describe_volumes(VolumeIds=[made["Volume"]])["Volumes"]
    assert volume["AvailabilityZone"] == where["AvailabilityZone"]
    (topic,) = account.sns.list_topics()["Topics"]
    assert topic["TopicArn"] == monitoring["Topic"]
    told = user_data_of(account, group)
    assert f"VOLUME={made['Volume']}\n" in told
    assert f"BUCKET={foundation['Bucket']}\n" in told
    assert release_of(account) == "releases/1.0.tar.gz " + "0" * 64

    # Another release: what a new VM installs changes, and no VM is replaced.
    account.make("slack-bot", "stack", **where, **NEXT)
    assert release_of(account) == "releases/1.1.tar.gz " + "1" * 64
    assert user_data_of(account, group) == told

    # Two VMs on a Postgres outside: the volume goes, with a snapshot on the real AWS.
    assert "Volume" not in account.make("slack-bot", "stack", **where, **NEXT, Postgres="outside", Instances="2")
    (group,) = account.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["slack-bot"])[
        "AutoScalingGroups"
    ]
    assert (group["MinSize"], group["MaxSize"]) == (2, 2)

    for stack in ("slack-bot", "slack-bot-monitoring", "slack-bot-foundation"):
        account.cloudformation.delete_stack(StackName=stack)
    assert account.cloudformation.describe_stacks()["Stacks"] == []


def user_data_of(account: Account, group: Any) -> str:
    template = account.ec2.describe_launch_template_versions(
        LaunchTemplateId=group["LaunchTemplate"]["LaunchTemplateId"], Versions=["$Latest"]
    )["LaunchTemplateVersions"][0]
    return base64.b64decode(template["LaunchTemplateData"]["UserData"]).decode()


def release_of(account: Account) -> str:
    return account.ssm.get_parameter(Name="/slack-bot/prod/vm/release")["Parameter"]["Value"]
