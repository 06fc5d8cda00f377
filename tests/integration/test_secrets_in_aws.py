"""`botctl secrets sync` and `sync-laas-key` against AWS Parameter Store, as moto's server is one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from bot.cli.main import main
from tests.moto_server import aws_account, dynamodb_url

__all__ = ["aws_account", "dynamodb_url"]

REGION = "ap-northeast-2"
ENV = "SLACK_BOT_TOKEN=xoxb-planted-1\nDATABASE_URL=postgresql://a:planted-2@h/x\n"


@pytest.fixture
def ssm(dynamodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """moto's one server is every service."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_url)
    client = boto3.client("ssm", region_name=REGION)
    yield client
    client.close()


@pytest.fixture
def prefix() -> str:
    return f"/slack-bot/{uuid4().hex}"


@pytest.fixture
def env(tmp_path: Path) -> Path:
    (tmp_path / ".env").write_text(ENV)
    return tmp_path / ".env"


def sync(*words: object) -> int:
    return main(["secrets", "sync", "--region", REGION, "--yes", *map(str, words)])


def test_secrets_go_to_aws_encrypted_and_come_back(ssm, prefix, env: Path, tmp_path: Path, capsys):
    assert sync("--from", env, "--to", f"ssm:{prefix}", "--kms-key", "alias/ours") == 0
    kept = ssm.get_parameters_by_path(Path=prefix, WithDecryption=False)["Parameters"]
    assert {one["Name"] for one in kept} == {f"{prefix}/slack_bot_token", f"{prefix}/database_url"}
    assert {one["Type"] for one in kept} == {"SecureString"}
    assert all(one["Value"].startswith("kms:alias/ours:") for one in kept)

    assert sync("--from", f"ssm:{prefix}/", "--to", f"dir:{tmp_path / 'secrets'}", "--all") == 0
    assert (tmp_path / "secrets/database_url").read_text() == "postgresql://a:planted-2@h/x"
    assert (tmp_path / "secrets/openai_api_key").read_text() == ""
    shown = capsys.readouterr()
    assert "planted" not in shown.out + shown.err


def test_only_what_differs_is_written_and_the_old_version_stays(ssm, prefix, env: Path):
    sync("--from", env, "--to", f"ssm:{prefix}")
    env.write_text(ENV.replace("planted-1", "planted-3"))
    sync("--from", env, "--to", f"ssm:{prefix}")
    versions = {
        one["Name"].removeprefix(f"{prefix}/"): one["Version"]
        for one in ssm.get_parameters_by_path(Path=prefix)["Parameters"]
    }
    assert versions == {"slack_bot_token": 2, "database_url": 1}
    history = ssm.get_parameter_history(Name=f"{prefix}/slack_bot_token", WithDecryption=True)["Parameters"]
    assert [one["Value"] for one in history] == ["xoxb-planted-1", "xoxb-planted-3"]


def test_a_new_version_is_encrypted_by_the_key_of_the_old_one(ssm, prefix, env: Path):
    sync("--from", env, "--to", f"ssm:{prefix}", "--kms-key", "alias/ours")
    env.write_text(ENV.replace("planted-1", "planted-3") + "OPENAI_API_KEY=planted-4\n")
    sync("--from", env, "--to", f"ssm:{prefix}")
    kept = {
        one["Name"].removeprefix(f"{prefix}/"): one["Value"]
        for one in ssm.get_parameters_by_path(Path=prefix)["Parameters"]
    }
    assert kept["slack_bot_token"] == "kms:alias/ours:xoxb-planted-3"
    assert kept["openai_api_key"] == "kms:alias/aws/ssm:planted-4"


def test_one_parameter_may_be_two_settings(ssm, prefix, tmp_path: Path):
    ssm.put_parameter(Name=f"{prefix}/shared", Value="planted", Type="SecureString")
    places = ("--path", f"OPENAI_API_KEY={prefix}/shared", "--path", f"LAAS_API_KEY={prefix}/shared")
    assert sync("--from", f"ssm:{prefix}", "--to", tmp_path / "both.env", *places) == 0
    assert (tmp_path / "both.env").read_text() == "OPENAI_API_KEY=planted\nLAAS_API_KEY=planted\n"


def test_a_secret_may_lie_elsewhere(ssm, prefix, env: Path, tmp_path: Path):
    place = ("--path", f"SLACK_BOT_TOKEN={prefix}-elsewhere/token")
    assert sync("--from", env, "--to", f"ssm:{prefix}", *place) == 0
    token = ssm.get_parameter(Name=f"{prefix}-elsewhere/token", WithDecryption=True)["Parameter"]
    assert token["Value"] == "xoxb-planted-1"
    assert sync("--from", f"ssm:{prefix}", "--to", tmp_path / "back.env", *place) == 0
    assert (tmp_path / "back.env").read_text() == ENV


def test_ssm_alone_is_the_usual_place(ssm, env: Path, capsys):
    assert sync("--from", env, "--to", "ssm") == 0
    assert (
        ssm.get_parameter(Name="/slack-bot/prod/slack_bot_token", WithDecryption=True)["Parameter"]["Value"]
        == "xoxb-planted-1"
    )
    assert sync("--from", "ssm", "--to", env) == 0
    assert "Nothing to change." in capsys.readouterr().out


def test_all_deletes_nothing_in_aws(ssm, prefix, env: Path, capsys):
    sync("--from", env, "--to", f"ssm:{prefix}")
    env.write_text(ENV.splitlines()[0])
    assert sync("--from", env, "--to", f"ssm:{prefix}", "--all") == 2
    assert "--all would delete DATABASE_URL" in capsys.readouterr().err
    assert len(ssm.get_parameters_by_path(Path=prefix)["Parameters"]) == 2


def test_a_gateways_key_is_put_into_the_env_file(ssm, env: Path, capsys):
    ssm.put_parameter(Name="/DATA/PIPELINE/API_KEY/OPENAI", Value="laas-planted", Type="SecureString", Overwrite=True)
    assert main(["sync-laas-key", "--region", REGION, "--env", str(env)]) == 0
    assert env.read_text() == ENV + "LAAS_API_KEY=laas-planted\n"
    shown = capsys.readouterr()
    assert "LAAS_API_KEY  new" in shown.out
    assert "Set LAAS_BASE_URL too" in shown.out
    assert "planted" not in shown.out + shown.err
    assert main(["sync-laas-key", "--region", REGION, "--env", str(env), "--parameter", "/not/there"]) == 2
    assert "AWS has no such parameter" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("unset", "words", "said"),
    [
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("--region", REGION), "There are no AWS credentials here"),
        ((), (), "AWS's region is not known"),
        ((), ("--profile", "nobody", "--region", REGION), "have no profile nobody"),
    ],
)
@pytest.mark.usefixtures("ssm")
def test_what_aws_lacks_is_one_sentence(unset, words, said, monkeypatch, capsys):
    for name in unset:
        monkeypatch.delenv(name)
    assert main(["sync-laas-key", *words, "--env", os.devnull]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_an_address_that_does_not_answer_is_one_sentence(aws_account, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert main(["sync-laas-key", "--region", REGION, "--env", str(tmp_path / ".env")]) == 2
    assert "AWS did not answer" in capsys.readouterr().err


def test_without_the_extra_the_sentence_says_how_to_get_it(tmp_path: Path):
    """In a process of its own, whose boto3 cannot be imported: here it is loaded."""
    (tmp_path / "boto3.py").write_text("raise ModuleNotFoundError('no boto3', name='boto3')\n")
    words = ("-m", "bot.cli.main", "sync-laas-key", "--env", str(tmp_path / ".env"))
    paths = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[2])))
    ended = subprocess.run(
        [sys.executable, *words], env={"PYTHONPATH": paths}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "needs the extra `aws`" in ended.stderr
    assert "requirements-aws.lock" in ended.stderr
