"""The settings modal: opened empty inside its trigger's three seconds, filled here with what was chosen before."""

from typing import Protocol

from agent.turn import Language, Preferences
from bot.inbox.home_items import SettingsOpened
from bot.preferences import PreferenceStore


class SettingsViews(Protocol):
    """Both do nothing where the modal is gone or was filled already: somebody may be choosing in it."""

    async def fill(self, view_id: str, view_hash: str, channel: str, chosen: Preferences, language: Language) -> None:
        """Show the form, with *chosen* as it stands. *view_hash* is that of the empty modal."""
        ...

    async def say_failed(self, view_id: str, view_hash: str, language: Language) -> None: ...


class SettingsService:
    def __init__(self, *, preferences: PreferenceStore, views: SettingsViews) -> None:
        self._preferences = preferences
        self._views = views

    async def run(self, item: SettingsOpened) -> None:
        chosen = await self._preferences.find(item.user)
        await self._views.fill(item.view_id, item.view_hash, item.channel, chosen, item.language)

    async def give_up(self, item: SettingsOpened) -> None:
        await self._views.say_failed(item.view_id, item.view_hash, item.language)
