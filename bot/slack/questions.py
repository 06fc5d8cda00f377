"""Questions that somebody asked without a message of theirs: posted under the bot's name, and theirs in words."""

import structlog
from slack_sdk.errors import SlackApiError

from bot.i18n.catalogue import say
from bot.slack.client import error_code
from bot.slack.desk import CLOSED, Desk
from bot.slack.markup import MRKDWN
from bot.slack.messages.message import LONGEST_SECTION, fitted, message, section
from bot.surface import Place

log = structlog.get_logger(__name__)


class SlackQuestions:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def post(self, place: Place, question: str, *, may_exist: bool) -> str | None:
        """`bot.commands.questions.Questions`. Raises SlackUnavailable, or SlackApiError where nothing can be posted."""
        if may_exist and (posted := await self._desk.find(place)) is not None:
            return posted.ts
        asked = say(place.language, "turn.pressed", style=MRKDWN, by=place.user, question=question)
        shown = fitted(asked, LONGEST_SECTION)
        try:
            return (await self._desk.post_there(place, message([shown], [section(shown)]))).ts
        except SlackApiError as error:
            if (code := error_code(error)) not in CLOSED:
                raise
            log.info("slack.question_not_posted", channel=place.channel, error=code)
            return None
