"""One call to Slack with one of our tokens, and what Slack said to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError

from bot.cli.doctor.finding import Skip, Unanswered
from bot.settings import Settings
from bot.slack.client import SlackUnavailable, error_code, open_client

TokenName: TypeAlias = Literal["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]


@dataclass(frozen=True, slots=True)
class Said:
    """Slack's answer to a call, accepted or refused."""

    error: str
    """Slack's word for what was wrong; empty for a call that worked."""
    body: Mapping[str, Any]
    headers: Mapping[str, str]


async def ask(settings: Settings, name: TokenName, method: str, **arguments: str) -> Said:
    """One call, once. Raises Skip where it cannot be made, Unanswered where Slack has no answer to it now."""
    async with open_client(token_of(settings, name), base_url=settings.slack_api_url) as client:
        try:
            response = await client.try_now(method, http_verb="POST", params=arguments)
        except SlackApiError as refusal:
            answer = cast("Any", refusal.response)
            body: Any = getattr(answer, "data", answer)
            headers: Any = getattr(answer, "headers", {})
            return Said(error_code(refusal) or "no answer that could be read", body, _lower(headers))
        except SlackUnavailable as error:
            raise Unanswered(f"Slack did not answer {method}: {error}") from None
    if response is None:
        raise Unanswered(f"Slack takes no more calls of {method} for the moment (429)")
    return Said("", cast("Mapping[str, Any]", response.data), _lower(response.headers))


def token_of(settings: Settings, name: TokenName) -> str:
    token: SecretStr | None = getattr(settings, name.lower())
    if not token:
        raise Skip(f"because {name} is not set")
    return token.get_secret_value()


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
