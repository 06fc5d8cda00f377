"""Who we are in the workspace, asked once at start: later no envelope waits for it."""

from dataclasses import dataclass
from typing import Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import error_code

REFUSALS: Final = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "no_permission",
        "missing_scope",
    }
)


class WrongToken(Exception):
    """Slack does not take a token. The message is one sentence that names the setting."""

    def __init__(self, variable: str, error: str) -> None:
        super().__init__(f"{variable} is wrong: Slack answered {error}.")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Identity:
    team: str
    bot_user: str
    bot: str
    enterprise: str = ""
    """The organisation whose workspaces are one company; empty for a workspace of its own."""


async def ask_identity(client: AsyncWebClient) -> Identity:
    """Raises WrongToken, or what the client raises when Slack does not answer."""
    try:
        response = await client.auth_test()
    except SlackApiError as error:
        if (code := error_code(error)) in REFUSALS:
            raise WrongToken("SLACK_BOT_TOKEN", code) from error
        raise
    return Identity(
        team=str(response["team_id"]),
        bot_user=str(response["user_id"]),
        bot=str(response.get("bot_id") or ""),
        enterprise=str(response.get("enterprise_id") or ""),
    )
