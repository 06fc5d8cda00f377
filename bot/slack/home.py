"""Publishes Home tabs, and fills the settings modal that was opened from one."""

import asyncio
from typing import Any, Final

import structlog
from slack_sdk.errors import SlackApiError

from agent.turn import Language, Preferences
from bot.home.contents import Home
from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.messages.home import Links, places_in, render_home
from bot.slack.modals.settings import failed_settings, settings_view
from bot.slack.remembered import Remembered

log = structlog.get_logger(__name__)

LINK_SECONDS: Final = 24 * 3600.0
"""A permalink does not change; a message that is deleted leaves a dead one for a day."""
MOST_LINKS: Final = 10_000


class SlackHomeTabs:
    """`bot.home.contents.HomeTabs`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client
        self._links = Remembered[tuple[str, str], str](most=MOST_LINKS)

    async def publish(self, user: str, home: Home) -> None:
        # No hash: the inbox lets nobody else publish this person's tab meanwhile, and what was read last is right.
        view = render_home(home, await self._links_of(home))
        try:
            await self._client.views_publish(user_id=user, view=view)
        except SlackApiError as error:
            # Switched off in the app's settings, or of a person without one (deactivated, of another company).
            log.warning("slack.home_not_published", user=user, error=error_code(error), response=str(error))

    async def _links_of(self, home: Home) -> Links:
        places = list(dict.fromkeys(places_in(home)))
        found = await asyncio.gather(*(self._link(channel, ts) for channel, ts in places))
        return {place: link for place, link in zip(places, found, strict=True) if link is not None}

    async def _link(self, channel: str, ts: str) -> str | None:
        if (known := self._links.fresh((channel, ts))) is not None:
            return known
        try:
            response = await self._client.chat_getPermalink(channel=channel, message_ts=ts)
        except (SlackApiError, SlackUnavailable) as error:
            log.info("slack.no_permalink", channel=channel, error=repr(error))
            return None
        link = str(response["permalink"])
        self._links.put((channel, ts), link, seconds=LINK_SECONDS)
        return link


class SlackSettingsViews:
    """`bot.home.settings.SettingsViews`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def fill(self, view_id: str, view_hash: str, channel: str, chosen: Preferences, language: Language) -> None:
        await self._update(view_id, view_hash, settings_view(channel, chosen, language))

    async def say_failed(self, view_id: str, view_hash: str, language: Language) -> None:
        await self._update(view_id, view_hash, failed_settings(language))

    async def _update(self, view_id: str, view_hash: str, view: dict[str, Any]) -> None:
        try:
            # With the empty view's hash: a fill that comes twice must not take back what somebody has just chosen.
            await self._client.views_update(view_id=view_id, hash=view_hash, view=view)
        except SlackApiError as error:
            log.info("slack.view_gone", view=view_id, error=error_code(error))
