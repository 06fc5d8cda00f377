import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from bot.local.bigquery.credentials import CLIENT_EMAIL, check_token, write_credentials
from bot.local.bigquery.errors import BigQueryError


def jwt(issuer: str = CLIENT_EMAIL, lifetime: timedelta = timedelta(hours=1)) -> str:
    claims = {"iss": issuer, "exp": int((datetime.now(UTC) + lifetime).timestamp())}
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "signature"])


def check(authorization: str) -> None:
    check_token(make_mocked_request("GET", "/", headers={"Authorization": authorization}))


def test_the_token_that_google_auth_signs_with_the_key_file_is_taken(tmp_path: Path):
    write_credentials(tmp_path / "key.json")
    credentials = service_account.Credentials.from_service_account_file(
        str(tmp_path / "key.json"), scopes=["https://www.googleapis.com/auth/bigquery"]
    )
    credentials.refresh(Request())  # a request here would fail the test: nobody is asked
    check(f"Bearer {credentials.token}")


@pytest.mark.parametrize(
    "token",
    [
        *("", "a.b", "a.b.c", "a.bm8.c"),
        pytest.param(jwt(issuer="somebody@else"), id="somebody else's"),
        pytest.param(jwt(lifetime=timedelta(hours=-1)), id="of yesterday"),
    ],
)
def test_what_is_no_valid_claim_is_refused(token: str):
    with pytest.raises(BigQueryError) as refused:
        check(f"Bearer {token}")
    assert refused.value.status == 401


def test_another_scheme_is_refused():
    with pytest.raises(BigQueryError):
        check(f"Basic {jwt()}")


def test_a_key_file_replaces_the_one_before_and_is_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "credentials.json"
    path.write_text("old")
    path.chmod(0o644)
    write_credentials(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["type"] == "service_account"
    assert list(tmp_path.iterdir()) == [path]
