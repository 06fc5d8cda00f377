"""Google credentials from files: keys and federations are taken, programs to run and addresses elsewhere are not."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.auth import aws, identity_pool
from google.oauth2 import service_account

from agent.bigquery.credentials import UnusableCredentials, describe_credentials, load_credentials
from bot.local.bigquery.credentials import CLIENT_EMAIL, write_credentials

AWS: dict[str, Any] = {
    "type": "external_account",
    "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws",
    "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request",
    "token_url": "https://sts.googleapis.com/v1/token",
    "service_account_impersonation_url": (
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/bolt@p.iam.gserviceaccount.com"
        ":generateAccessToken"
    ),
    "credential_source": {
        "environment_id": "aws1",
        "region_url": "http://169.254.169.254/latest/meta-data/placement/availability-zone",
        "url": "http://169.254.169.254/latest/meta-data/iam/security-credentials",
        "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity",
        "imdsv2_session_token_url": "http://169.254.169.254/latest/api/token",
    },
}
FILE: dict[str, Any] = AWS | {
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "credential_source": {"file": "/run/token"},
}


def written(folder: Path, content: object) -> Path:
    path = folder / "google.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_key_is_its_service_account(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    write_credentials(path)
    assert isinstance(load_credentials(path), service_account.Credentials)
    described = describe_credentials(path)
    assert (described.kind, described.identity, described.asks_aws_metadata) == ("service_account", CLIENT_EMAIL, False)


@pytest.mark.parametrize(
    ("info", "kind", "asks_metadata"), [(AWS, aws.Credentials, True), (FILE, identity_pool.Credentials, False)]
)
def test_a_federation_acts_as_its_service_account(
    tmp_path: Path, info: dict[str, Any], kind: type, asks_metadata: bool
) -> None:
    path = written(tmp_path, info)
    assert isinstance(load_credentials(path), kind)
    described = describe_credentials(path)
    assert described.identity == "bolt@p.iam.gserviceaccount.com"
    assert described.asks_aws_metadata is asks_metadata


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is not JSON"),
        ([], "its type is None"),
        ({"type": "authorized_user"}, "its type is 'authorized_user'"),
        ({"type": "service_account"}, "cannot be used"),
        ({"type": "external_account"}, "lacks audience"),
        (FILE | {"credential_source": {"executable": {"command": "/bin/sh"}}}, "wants to run a program"),
        (FILE | {"credential_source": "file"}, "says nothing"),
        (FILE | {"token_url": "https://sts.googleapis.com.example.com/v1/token"}, "which is not Google"),
        (FILE | {"token_url": "http://sts.googleapis.com/v1/token"}, "which is not Google"),
        (FILE | {"service_account_impersonation_url": "https://example.com/"}, "which is not Google"),
    ],
)
def test_what_cannot_be_used_is_one_clause_that_names_the_file(tmp_path: Path, content: object, says: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UnusableCredentials, match=says) as raised:
        load_credentials(path)
    assert str(path) in str(raised.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableCredentials, match="cannot be read: No such file"):
        describe_credentials(tmp_path / "gone.json")
