"""Google's OAuth token endpoint for service accounts, and the key files that lead a client to it.

A client proves itself with a JWT that it signed with its key. This endpoint reads the claims but cannot check the
signature: key files outlive the service, whose demo data is nobody's secret. It keeps web pages that a browser
shows from asking for data at this address: they have no token.
"""

import base64
import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.local.bigquery.errors import BigQueryError

CLIENT_EMAIL = "data-bolt@demo-proj.iam.gserviceaccount.com"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_SECONDS = 3600


def write_credentials(path: Path, token_uri: str, *, project_id: str = "demo-proj") -> None:
    """Write a service-account key file (mode 0600) with a fresh RSA key, whose tokens come from *token_uri*.

    Takes up to a second of CPU: call it off the event loop.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    content = {
        "type": "service_account",
        "project_id": project_id,
        "private_key_id": secrets.token_hex(20),
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": CLIENT_EMAIL,
        "client_id": "1",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    temporary.replace(path)


class Tokens:
    """Issues bearer tokens, and knows its own."""

    def __init__(self) -> None:
        self._valid_until: dict[str, float] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/token", self.issue)]

    async def issue(self, request: web.Request) -> web.Response:
        form = await request.post()
        claims = _claims(str(form.get("assertion", "")))
        if form.get("grant_type") != JWT_GRANT or claims is None:
            return web.json_response({"error": "invalid_grant", "error_description": "Invalid JWT."}, status=400)
        now = datetime.now(UTC).timestamp()
        expires = claims.get("exp")
        if claims.get("iss") != CLIENT_EMAIL or not isinstance(expires, int) or expires < now:
            return web.json_response(
                {"error": "invalid_grant", "error_description": "Invalid issuer, or expired."}, status=400
            )
        self._valid_until = {token: until for token, until in self._valid_until.items() if until > now}
        token = f"local.{secrets.token_urlsafe(32)}"
        self._valid_until[token] = now + LIFETIME_SECONDS
        return web.json_response({"access_token": token, "expires_in": LIFETIME_SECONDS, "token_type": "Bearer"})

    def check(self, request: web.Request) -> None:
        """Raises BigQueryError 401, on which a client fetches a new token: those of an earlier run are unknown."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self._valid_until.get(token, 0) < datetime.now(UTC).timestamp():
            raise BigQueryError(
                401, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token."
            )


def _claims(jwt: str) -> dict[str, Any] | None:
    try:
        _header, payload, _signature = jwt.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None
