import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.local.bigquery.oauth import CLIENT_EMAIL, JWT_GRANT, Tokens, write_credentials


@pytest.fixture
async def token_uri() -> AsyncIterator[str]:
    application = web.Application()
    application.add_routes(Tokens().routes())
    async with TestServer(application) as server:
        yield str(server.make_url("/token"))


def jwt(issuer: str = CLIENT_EMAIL, lifetime: timedelta = timedelta(hours=1)) -> str:
    claims = {"iss": issuer, "exp": int((datetime.now(UTC) + lifetime).timestamp())}
    parts = [{"alg": "RS256", "typ": "JWT"}, claims, "signature"]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)


async def ask(token_uri: str, assertion: str, grant_type: str = JWT_GRANT) -> tuple[int, dict[str, object]]:
    form = {"grant_type": grant_type, "assertion": assertion}
    async with aiohttp.ClientSession() as session, session.post(token_uri, data=form) as response:
        return response.status, await response.json()


async def test_a_signed_claim_is_exchanged_for_a_bearer_token(token_uri: str):
    status, body = await ask(token_uri, jwt())
    assert (status, body["token_type"], body["expires_in"]) == (200, "Bearer", 3600)
    assert (await ask(token_uri, jwt()))[1]["access_token"] != body["access_token"]


@pytest.mark.parametrize(
    "assertion", ["", "a.b", "a.b.c", "a.bm8.c", jwt(issuer="somebody@else"), jwt(lifetime=timedelta(hours=-1))]
)
async def test_what_is_no_valid_claim_gets_no_token(token_uri: str, assertion: str):
    status, body = await ask(token_uri, assertion)
    assert (status, body["error"]) == (400, "invalid_grant")


async def test_another_grant_gets_no_token(token_uri: str):
    assert (await ask(token_uri, jwt(), grant_type="password"))[0] == 400


def test_a_key_file_replaces_the_one_before_and_is_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "credentials.json"
    path.write_text("old")
    path.chmod(0o644)
    write_credentials(path, "http://127.0.0.1:1/token")
    content = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert (content["type"], content["token_uri"]) == ("service_account", "http://127.0.0.1:1/token")
    assert list(tmp_path.iterdir()) == [path]
