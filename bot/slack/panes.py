"""Suggested prompts in the agent pane: `assistant.threads.setSuggestedPrompts`, without a thread for agents."""

import structlog
from slack_sdk.errors import SlackApiError

from bot.home.pane import MOST_PROMPTS, Prompts
from bot.i18n.catalogue import say
from bot.slack.client import PatientClient, error_code
from bot.slack.messages.help import example_questions
from bot.slack.messages.message import fitted

log = structlog.get_logger(__name__)

_LONGEST_TITLE = 75


class SlackPanes:
    """`bot.home.pane.Panes`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def suggest(self, channel: str, prompts: Prompts) -> None:
        offered = prompts.offered or example_questions(prompts.language)
        questions = list(dict.fromkeys((*prompts.own, *offered)))[:MOST_PROMPTS]
        try:
            await self._client.assistant_threads_setSuggestedPrompts(
                channel_id=channel,
                title=say(prompts.language, "pane.hello"),
                prompts=[{"title": fitted(text, _LONGEST_TITLE), "message": text} for text in questions],
            )
        except SlackApiError as error:
            # The app is no agent, or lacks assistant:write: its messages work as they always did.
            log.info("slack.prompts_not_set", channel=channel, error=error_code(error))
