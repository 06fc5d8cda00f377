"""AWS Systems Manager as botctl asks it: what goes wrong there is one sentence, and never holds a value."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from bot.cli.errors import CommandError

CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 15, 3


class Account(NamedTuple):
    """Whom AWS sees; what is None is as AWS's own settings say."""

    profile: str | None = None
    region: str | None = None


@contextmanager
def parameter_store(account: Account) -> Generator[Any]:
    """boto3's client, closed in the end. Raises CommandError in place of every error of AWS's."""
    try:
        # An extra, and a third of a second of imports that nobody else should pay for.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CommandError(
            f"AWS needs the extra `aws`, which is not installed: there is no module {error.name}."
            " `pip install --require-hashes -r deploy/requirements-aws.lock` brings it."
        ) from None
    try:
        session = boto3.Session(profile_name=account.profile)
        client = session.client(
            "ssm",
            region_name=account.region or os.environ.get("AWS_REGION"),  # boto3 knows AWS_DEFAULT_REGION only
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"max_attempts": TRIES, "mode": "standard"},
            ),
        )
        try:
            yield client
        finally:
            client.close()
    except ClientError as error:
        raise CommandError(_refusal(error.response.get("Error", {}))) from None
    except BotoCoreError as error:
        raise CommandError(_failure(type(error).__name__, account)) from None


def _refusal(error: Any) -> str:
    """AWS's answer. Its message is shown where it says who may not do what; elsewhere it might quote the value."""
    code = str(error.get("Code", "unknown"))
    match code:
        case "AccessDeniedException" | "AccessDenied":
            return f"AWS does not allow it: {str(error.get('Message', '')).rstrip('.')}."
        case "ParameterNotFound":
            return "AWS has no such parameter in this account and region."
        case "ExpiredTokenException" | "ExpiredToken" | "UnrecognizedClientException" | "InvalidClientTokenId":
            return f"AWS does not know these credentials, or no longer ({code}): log in again."
        case "HierarchyTypeMismatchException" | "HierarchyTypeMismatch":
            return "AWS keeps a parameter of that name that is no SecureString: delete it there first."
        case "InvalidKeyId":
            return "AWS cannot use the KMS key: see that it exists, is enabled, and may be used by these credentials."
        case _:
            return f"AWS refused it: {code}."


def _failure(name: str, account: Account) -> str:
    """No answer of AWS's: the class tells why, and its message may hold a whole request."""
    match name:
        case "NoRegionError":
            return "AWS's region is not known: give --region, or set AWS_REGION."
        case "NoCredentialsError" | "PartialCredentialsError" | "CredentialRetrievalError":
            return "There are no AWS credentials here: give --profile, log in, or give the machine a role."
        case "ProfileNotFound":
            return f"AWS's own settings have no profile {account.profile}."
        case "UnauthorizedSSOTokenError" | "SSOTokenLoadError" | "TokenRetrievalError" | "LoginRefreshRequired":
            return "The AWS login has expired: run `aws sso login` again."
        case "EndpointConnectionError" | "ConnectTimeoutError" | "ReadTimeoutError" | "ConnectionClosedError":
            return "AWS did not answer: see that this machine reaches Systems Manager in that region."
        case _:
            return f"AWS could not be asked ({name})."
