"""Who asks: locale and time zone from users.info, remembered for an hour."""

import time
from typing import Any, Final, cast

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.gates import Clock
from bot.surface import Person

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS: Final = 3600.0
DOUBTED_SECONDS: Final = 60.0
"""After a failure: not a call per turn while Slack is in trouble."""
MOST_PEOPLE: Final = 10_000


class SlackPeople:
    def __init__(self, client: PatientClient, *, clock: Clock = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, Person]] = {}

    async def find(self, user: str) -> Person:
        """What Slack knows about *user*; the last that was known, or the default, where it does not say."""
        until, person = self._known.get(user, (0.0, Person()))
        if self._clock() < until:
            return person
        try:
            # Locale and time zone are a courtesy: a reply does not wait for them behind a rate limit.
            if self._client.gates.seconds_closed("users.info", "") > 0:
                return person
            response = await self._client.users_info(user=user, include_locale=True)
        except (SlackApiError, SlackUnavailable) as error:
            why = error_code(error) if isinstance(error, SlackApiError) else repr(error)
            log.warning("slack.person_unknown", user=user, error=why)
            self._remember(user, person, DOUBTED_SECONDS)
            return person
        person = _person(cast("dict[str, Any]", response.get("user") or {}))
        self._remember(user, person, REMEMBERED_SECONDS)
        return person

    def _remember(self, user: str, person: Person, seconds: float) -> None:
        if len(self._known) >= MOST_PEOPLE:
            self._known.clear()
        self._known[user] = (self._clock() + seconds, person)


def _person(user: dict[str, Any]) -> Person:
    default = Person()
    return Person(locale=str(user.get("locale") or default.locale), time_zone=str(user.get("tz") or default.time_zone))
