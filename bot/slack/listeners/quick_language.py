"""In which language to say something at once: commands and shortcuts do not tell it, and Slack waits three seconds."""

import asyncio
from typing import Final

from agent.language import language_of_locale
from agent.turn import Language
from bot.surface import People

LOOK_SECONDS: Final = 0.5
"""Together with an insert or a views.open it must stay inside the three."""


async def language_of_user(people: People, user: str) -> Language:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return language_of_locale((await people.find(user)).locale)
    except TimeoutError:
        return "en"
