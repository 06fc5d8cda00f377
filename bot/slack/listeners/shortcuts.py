""" "Ask about this", in the menu of every message: a modal at once, and a turn when it is submitted."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from agent.notice import Notice
from bot.i18n.catalogue import say
from bot.slack.action_ids import language_of_block
from bot.slack.ask_about import question_from_submission, subject_of
from bot.slack.client import PatientClient, SlackUnavailable
from bot.slack.fields import id_of, object_of
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.listeners.quick_language import language_of_user
from bot.slack.modals.ask_about import CALLBACK_ID, ask_about_view, question_in
from bot.slack.whispers import SlackWhispers
from bot.surface import People

log = structlog.get_logger(__name__)

OPEN_SECONDS: Final = 2.0
"""After the look at the language; the trigger lives three."""

Now = Callable[[], Decimal]


class ShortcutListeners:
    def __init__(
        self, *, client: PatientClient, intake: Intake, whispers: SlackWhispers, people: People, now: Now
    ) -> None:
        self._client = client
        self._intake = intake
        self._whispers = whispers
        self._people = people
        self._now = now

    def register(self, app: AsyncApp) -> None:
        app.message_shortcut(CALLBACK_ID)(self.on_ask_about)
        app.view(CALLBACK_ID)(self.on_asked)

    async def on_ask_about(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        subject, user = subject_of(body), id_of(object_of(body, "user"), "id")
        language = await language_of_user(self._people, user)
        view = ask_about_view(subject, language)
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self._client.views_open(trigger_id=id_of(body, "trigger_id"), view=view)
        except (SlackApiError, SlackUnavailable, TimeoutError) as error:
            log.warning("slack.view_not_opened", channel=subject.channel, user=user, error=repr(error))
            await self._whispers.whisper(subject.channel, user, Notice("ask_about.expired"), language)
        await ack()

    async def on_asked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The modal closes when the question is stored, and not before."""
        question, block = question_in(body["view"])
        language = language_of_block(block)
        if not question:
            await ack(response_action="errors", errors={block: say(language, "ask_about.empty")})
            return
        item = question_from_submission(body, self._now())
        try:
            await self._intake.take(item)
        except NotStored as error:
            log.error("slack.submission_lost", item=item.dedupe_key, error=str(error))
            await ack(response_action="errors", errors={block: say(language, "turn.busy")})
        else:
            await ack()
