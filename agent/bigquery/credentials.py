"""Google credentials from a file: a service-account key, or the configuration of a workload identity federation.

A federation's configuration holds no secret: it says whose word Google takes instead (AWS's for a role of an EC2
machine, an identity provider's token in a file or behind an address). One that names a program to be run is refused:
a configuration file is no place for commands.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import urlsplit

from google.auth import aws, identity_pool
from google.auth.credentials import Credentials
from google.oauth2 import service_account

SCOPES: Final = ("https://www.googleapis.com/auth/bigquery", "https://www.googleapis.com/auth/cloud-platform")
Kind: TypeAlias = Literal["service_account", "external_account"]

_AWS_TOKEN: Final = "urn:ietf:params:aws:token-type:aws4_request"  # noqa: S105  # the name of a kind of token
_NEEDED: Final = ("audience", "subject_token_type", "token_url", "credential_source")
_GOOGLE: Final = "googleapis.com"
"""Of the public cloud; a separate one is named in the file."""


class UnusableCredentials(ValueError):
    """One clause that names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class CredentialsFile:
    """What stands in it, without its secret."""

    kind: Kind
    identity: str
    """The service account that is acted as; the pool's audience where a federation acts as nobody else."""
    asks_aws_metadata: bool = False
    """A federation that learns its role from the machine's metadata service, 169.254.169.254."""


def describe_credentials(path: Path) -> CredentialsFile:
    """Blocking. Raises UnusableCredentials."""
    info = _read(path)
    if info["type"] == "service_account":
        return CredentialsFile("service_account", str(info.get("client_email", "")))
    impersonated = str(info.get("service_account_impersonation_url") or "")
    identity = impersonated.rpartition("/serviceAccounts/")[2].partition(":")[0] or str(info["audience"])
    return CredentialsFile("external_account", identity, asks_aws_metadata=_is_aws(info))


def load_credentials(path: Path) -> Credentials:
    """Blocking; nobody is asked yet. Raises UnusableCredentials."""
    info = _read(path)
    try:
        if info["type"] == "service_account":
            return service_account.Credentials.from_service_account_info(info, scopes=SCOPES)
        kind = aws.Credentials if _is_aws(info) else identity_pool.Credentials
        return kind.from_info(info, scopes=SCOPES)
    except Exception as error:  # boundary: google-auth raises what it likes for a file that it cannot use
        raise UnusableCredentials(f"{path} cannot be used: {error}") from error


def _read(path: Path) -> Mapping[str, Any]:
    try:
        info: object = json.loads(path.read_bytes())
    except OSError as error:
        raise UnusableCredentials(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UnusableCredentials(f"{path} is not JSON") from None
    kind = cast("dict[str, Any]", info).get("type") if isinstance(info, dict) else None
    if kind not in ("service_account", "external_account"):
        raise UnusableCredentials(
            f"{path} is no service-account key and no federation's configuration (its type is {kind!r})"
        )
    read = cast("dict[str, Any]", info)
    if kind == "external_account":
        _check_federation(path, read)
    return read


def _check_federation(path: Path, info: Mapping[str, Any]) -> None:
    if missing := [name for name in _NEEDED if not info.get(name)]:
        raise UnusableCredentials(f"{path} lacks {', '.join(missing)}")
    source = info["credential_source"]
    if not isinstance(source, dict):
        raise UnusableCredentials(f"{path} has a credential_source that says nothing")
    if "executable" in source:
        raise UnusableCredentials(f"{path} wants to run a program for its credentials, and none is run")
    google = f".{info.get('universe_domain') or _GOOGLE}"
    for name in ("token_url", "service_account_impersonation_url"):
        url = urlsplit(str(info.get(name) or f"https://sts{google}"))
        if url.scheme != "https" or not (url.hostname or "").endswith(google):
            raise UnusableCredentials(f"{path} sends its {name} to {url.hostname}, which is not Google")


def _is_aws(info: Mapping[str, Any]) -> bool:
    return info.get("subject_token_type") == _AWS_TOKEN
