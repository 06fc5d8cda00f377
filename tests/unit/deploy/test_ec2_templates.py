"""What the VMs of deploy/ec2 may do and who may reach them, read in the templates themselves.

moto makes these stacks too (tests/integration/test_ec2_stacks.py) and leaves out half of what they say without a word.
"""

import re

import pytest
import yaml

from tests.stack_templates import EC2, TEMPLATES, load, one, resources, strings, text_of, user_data

# Actions that AWS knows no resource for.
WITHOUT_RESOURCE = {"cloudwatch:PutMetricData", "ssm:UpdateInstanceInformation"}
WITHOUT_RESOURCE_PREFIXES = ("ssmmessages:", "ec2messages:")


def _statements():
    role = resources("stack", "AWS::IAM::Role")["Role"]
    (policy,) = role["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def _actions(statement):
    actions = statement["Action"]
    return {actions} if isinstance(actions, str) else set(actions)


def test_nothing_reaches_a_vm_and_a_vm_reaches_https_and_its_database_only():
    group = one("stack", "AWS::EC2::SecurityGroup")
    assert group["SecurityGroupIngress"] == []
    assert not resources("stack", "AWS::EC2::SecurityGroupIngress")
    ports = [(rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) for rule in group["SecurityGroupEgress"]]
    assert ports == [(443, 443, "tcp")]
    database = load("stack")["Resources"]["ToPostgres"]
    assert database["Condition"] == "IsOutside"
    assert (database["Properties"]["FromPort"], database["Properties"]["ToPort"]) == (5432, 5432)


def test_a_vm_has_no_public_address_no_key_pair_and_answers_metadata_to_its_own_processes_only():
    data = one("stack", "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    assert [card["AssociatePublicIpAddress"] for card in data["NetworkInterfaces"]] == [False]
    assert "KeyName" not in data
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1


def test_every_disk_and_log_and_parameter_and_release_is_encrypted():
    data = one("stack", "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    assert all(disk["Ebs"]["Encrypted"] is True for disk in data["BlockDeviceMappings"])
    assert one("stack", "AWS::EC2::Volume")["Encrypted"] is True
    assert all(group["KmsKeyId"] for group in resources("monitoring", "AWS::Logs::LogGroup").values())
    (rule,) = one("foundation", "AWS::S3::Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_the_role_reads_its_own_parameters_and_files_and_holds_no_policy_of_somebody_elses():
    role = resources("stack", "AWS::IAM::Role")["Role"]
    assert "ManagedPolicyArns" not in role
    for statement in _statements():
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in _actions(statement)), statement["Sid"]
        if statement["Resource"] == "*":
            loose = {a for a in _actions(statement) if not a.startswith(WITHOUT_RESOURCE_PREFIXES)}
            assert loose <= WITHOUT_RESOURCE, statement["Sid"]
    by_name = {statement["Sid"]: statement for statement in _statements()}
    assert list(strings(by_name["OwnParameters"]["Resource"])) == [
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${ParameterPrefix}/*"
    ]
    assert "ssm:PutParameter" not in set().union(*map(_actions, _statements()))
    assert by_name["DecryptThem"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert by_name["OwnVolume"]["Condition"]["StringEquals"] == {
        "aws:ResourceTag/slack-bot-stack": {"Ref": "AWS::StackName"}
    }


def test_the_data_volume_and_the_vm_carry_the_tag_that_lets_them_meet():
    tag = {"Key": "slack-bot-stack", "Value": {"Ref": "AWS::StackName"}}
    assert tag in one("stack", "AWS::EC2::Volume")["Tags"]
    (on_launch,) = one("stack", "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]["TagSpecifications"]
    assert on_launch["ResourceType"] == "instance"
    assert tag in on_launch["Tags"]


def test_what_people_typed_outlives_the_stack():
    made = load("stack")["Resources"]["DataVolume"]
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    for name, logical in (("foundation", "Key"), ("foundation", "Bucket"), ("monitoring", "LogGroup")):
        kept = load(name)["Resources"][logical]
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_two_vms_need_an_outside_postgres_and_one_volume_has_one_vm():
    rules = load("stack")["Rules"]
    two = rules["TwoNeedAnOutsidePostgres"]
    assert two["RuleCondition"] == {"Fn::Equals": [{"Ref": "Instances"}, "2"]}
    assert [each["Assert"] for each in two["Assertions"]] == [{"Fn::Equals": [{"Ref": "Postgres"}, "outside"]}]
    group = load("stack")["Resources"]["Group"]
    assert group["Properties"]["MaxSize"] == {"Fn::If": ["IsEmbedded", 1, 2]}
    rolling = group["UpdatePolicy"]["AutoScalingRollingUpdate"]
    assert rolling["MinInstancesInService"] == {"Fn::If": ["IsEmbedded", 0, 1]}
    assert rolling["WaitOnResourceSignals"] is True
    assert group["DependsOn"] == "Release"


def test_the_images_are_amazons_own_newest_and_the_smallest_vm_is_the_default():
    parameters = load("stack")["Parameters"]
    data = one("stack", "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    assert data["ImageId"] == {"Fn::Sub": "resolve:ssm:${Image}"}
    for path in parameters["Image"]["AllowedValues"]:
        assert path.startswith("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-")
    assert parameters["InstanceType"]["Default"] == "t3.small"


def test_bills_are_watched_in_the_one_region_that_has_them():
    assert load("billing")["Mappings"]["BillingMetrics"] == {"us-east-1": {"Namespace": "AWS/Billing"}}
    alarm = one("billing", "AWS::CloudWatch::Alarm")
    assert alarm["Namespace"] == {"Fn::FindInMap": ["BillingMetrics", {"Ref": "AWS::Region"}, "Namespace"]}
    assert (alarm["MetricName"], alarm["Dimensions"]) == ("EstimatedCharges", [{"Name": "Currency", "Value": "USD"}])
    assert alarm["AlarmActions"] == [{"Ref": "Topic"}]


def test_the_readme_knows_every_parameter_of_the_vms_stack_and_how_many_alarms_there_are():
    readme = (EC2 / "README.md").read_text()
    table = readme.partition("| parameter of `stack.yaml`")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named == set(load("stack")["Parameters"])
    grouped = load("stack")["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in grouped for name in group["Parameters"]) == sorted(named)
    assert "eleven alarms" in readme
    assert len(resources("monitoring", "AWS::CloudWatch::Alarm")) == 11


def test_the_user_data_fits_and_holds_every_name_it_needs():
    told = user_data()
    assert len(told.encode()) < 16_000  # EC2 takes 16 KiB
    assert not re.findall(r"\$\{[A-Z]", told)
    files = {file["path"]: file for file in yaml.safe_load(told)["write_files"]}
    needed = {name for script in EC2.glob("*.sh") for name in re.findall(r"\$\{?([A-Z]{4,})\b", script.read_text())}
    told_names = set(re.findall(r"^([A-Z]+)=", files["/etc/slack-bot-vm.env"]["content"], re.MULTILINE))
    overridden_in_tests = {"DISKS", "FSTAB", "PAUSE", "AGENT"}
    assert needed - overridden_in_tests <= told_names | {"VM_ENV"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_a_check_was_told_to_overlook_says_why(name):
    for resource in load(name)["Resources"].values():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            assert len(skip["comment"]) > 40
    assert len(re.findall(r"id: CKV", text_of(name))) <= 1
