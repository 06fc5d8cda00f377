"""Key files for the local BigQuery, and the look at the tokens that are signed with them.

A client proves itself with a JWT that it signs with its key. The look is at the claims, not at the signature: key
files outlive the service, whose demo data is nobody's secret. It keeps web pages that a browser shows from asking
for data at this address: they have no token.
"""

import base64
import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.local.bigquery.errors import BigQueryError

CLIENT_EMAIL: Final = "data-bolt@demo-proj.iam.gserviceaccount.com"
UNIVERSE: Final = "data-bolt.localhost"
"""A cloud of its own, as Google calls its separate ones. In the public one google-auth asks Google about every service
account, for a warehouse on this machine too; elsewhere it asks nobody, and signs its tokens itself."""


def write_credentials(path: Path, *, project_id: str = "demo-proj") -> None:
    """Write a service-account key file (mode 0600) with a fresh RSA key.

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
        "token_uri": f"https://oauth2.{UNIVERSE}/token",  # asked by nobody, and no key file is without it
        "universe_domain": UNIVERSE,
    }
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    temporary.replace(path)


def check_token(request: web.Request) -> None:
    """Raises BigQueryError 401, on which a client signs a new token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not _is_ours(_claims(token)):
        raise BigQueryError(
            401, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token."
        )


def _is_ours(claims: dict[str, Any]) -> bool:
    expires = claims.get("exp")
    is_alive = isinstance(expires, int) and expires > datetime.now(UTC).timestamp()
    return is_alive and claims.get("iss") == CLIENT_EMAIL


def _claims(jwt: str) -> dict[str, Any]:
    try:
        _header, payload, _signature = jwt.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}
