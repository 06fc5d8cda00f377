"""A command's response_url: half an hour long it takes messages for whoever gave the command, in any channel."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import structlog

from agent.notice import Notice
from agent.turn import Language
from bot.slack.client import NETWORK_ERRORS, PatientClient, SlackUnavailable
from bot.slack.messages.message import Message
from bot.slack.messages.notices import render_notices

log = structlog.get_logger(__name__)

SLACKS_HOSTS: Final = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


class SlackResponses:
    """The address is a secret while it lives: no log has it, and nothing is sent to a host that is not Slack's."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client
        self._api_host = urlsplit(client.base_url).hostname

    async def respond(self, address: str, notices: Sequence[Notice], language: Language) -> None:
        await self.show(address, render_notices(notices, language))

    async def show(self, address: str, message: Message) -> None:
        """*message*, for whoever gave the command alone. Raises what is transient."""
        if not self._is_slacks(address):
            log.error("slack.response_address_foreign")
            return
        body = {"response_type": "ephemeral", "text": message.text, "blocks": list(message.blocks)}
        status = await self._send(address, body)
        if status >= 500 or status == 429:
            raise SlackUnavailable(f"response_url: HTTP {status}")
        if status != 200:
            log.warning("slack.response_refused", status=status)  # most likely it has expired

    async def _send(self, address: str, body: Mapping[str, object]) -> int:
        session = self._client.session
        assert session is not None, "PatientClient has one"
        try:
            async with session.post(address, json=body, proxy=self._client.proxy, allow_redirects=False) as response:
                return response.status
        except aiohttp.ClientConnectorError as error:
            raise SlackUnavailable(f"response_url: {error.os_error!r}") from error
        except NETWORK_ERRORS as error:
            # It may have arrived; a second one would stand there for good, and five are all that Slack takes.
            log.warning("slack.response_lost", error=type(error).__name__)
            return 200

    def _is_slacks(self, address: str) -> bool:
        """Slack's own; the local workspace's (SLACK_API_URL) where the bot talks to that one."""
        url = urlsplit(address)
        is_slack = url.scheme == "https" and url.hostname in SLACKS_HOSTS
        return is_slack or (url.hostname == self._api_host and self._api_host in {"127.0.0.1", "localhost", "::1"})
