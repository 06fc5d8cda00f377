"""What people chose for themselves, and how it reaches whoever asks who they are."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

import structlog

from agent.turn import Language, Preferences
from bot.surface import People, Person

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 2.0
"""A question does not wait longer for its author's settings: without them it is answered as before they chose."""
_LOCALES: Final[Mapping[Language, str]] = {"en": "en-US", "ko": "ko-KR", "ja": "ja-JP"}


class PreferenceStore(Protocol):
    """Kept durably, by Slack's user id. Both raise what is transient."""

    async def find(self, user: str) -> Preferences:
        """What *user* chose; nothing for who never did."""
        ...

    async def keep(self, user: str, chosen: Preferences) -> None:
        """The last call wins, for all of them together."""
        ...


class PeopleWithPreferences:
    """`bot.surface.People`: what Slack knows of a person, and over it what they chose."""

    def __init__(self, people: People, store: PreferenceStore) -> None:
        self._people = people
        self._store = store

    async def find(self, user: str) -> Person:
        person, chosen = await asyncio.gather(self._people.find(user), self._chosen(user))
        return replace(
            person,
            preferences=chosen,
            locale=_LOCALES[chosen.language] if chosen.language else person.locale,
            time_zone=chosen.time_zone or person.time_zone,
        )

    async def _chosen(self, user: str) -> Preferences:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._store.find(user)
        except Exception:  # the boundary: people are found, whatever became of their settings
            log.warning("preferences.not_read", user=user, exc_info=True)
            return Preferences()
