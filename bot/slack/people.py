"""Who people are, by users.info: their locale and time zone, and whether they belong to the company."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.gates import Clock
from bot.slack.identity import Identity
from bot.slack.remembered import Remembered
from bot.surface import Person

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS: Final = 600.0
"""How long somebody who was made a guest still counts as a colleague. `user_change` would tell at once, but comes with
every status emoji of the company, and Slack caps the events of an app."""
DOUBTED_SECONDS: Final = 15.0
"""After a failure: not a call per turn while Slack is in trouble."""
MOST_PEOPLE: Final = 20_000
MANY: Final = 20
"""From so many unknown people on they are read off users.list: users.info allows about a hundred calls a minute."""
TOO_MANY: Final = 80
"""So many whom users.list does not know are not asked for one by one: a turn would wait for minutes."""
PAGES: Final = 20
PAGE_SIZE: Final = 500
AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody belongs to the company."""

    is_guest: bool = False
    is_external: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    person: Person
    standing: Standing | None
    """None: Slack did not say."""


_NOBODY: Final = _Known(Person(), None)


class SlackPeople:
    def __init__(self, client: PatientClient, me: Identity, *, clock: Clock = time.monotonic) -> None:
        self._client = client
        self._me = me
        self._known = Remembered[str, _Known](most=MOST_PEOPLE, clock=clock)
        self._asking = asyncio.Semaphore(AT_ONCE)

    async def find(self, user: str) -> Person:
        """What Slack knows about *user*; the last that was known, or the default, where it does not say."""
        if (known := self._known.fresh(user)) is not None:
            return known.person
        # Locale and time zone are a courtesy: a reply does not wait for them behind a rate limit.
        if self._client.gates.seconds_closed("users.info", "") > 0:
            return (self._known.last(user) or _NOBODY).person
        return (await self._ask(user)).person

    async def standings(self, users: Collection[str]) -> dict[str, Standing] | None:
        """How each of *users* belongs to the company; None when that cannot be told of every one of them."""
        # Looked up once: those of one room were asked for together, and while some are asked anew others grow old.
        known = {user: self._known.fresh(user) for user in users}
        missing = [user for user, its in known.items() if its is None]
        if len(missing) >= MANY:
            await self._read_list(missing)
            known |= {user: self._known.fresh(user) for user in missing}
            missing = self._unknown(missing)
        if len(missing) >= TOO_MANY:
            log.warning("slack.people_too_many", unknown=len(missing))
            return None
        known |= zip(missing, await asyncio.gather(*map(self._ask_by_turns, missing)), strict=True)
        standings = {user: its.standing for user, its in known.items() if its is not None and its.standing is not None}
        return standings if len(standings) == len(known) else None

    def _unknown(self, users: Collection[str]) -> list[str]:
        return [user for user in users if self._known.fresh(user) is None]

    async def _ask_by_turns(self, user: str) -> _Known:
        async with self._asking:
            return await self._ask(user)

    async def _ask(self, user: str) -> _Known:
        try:
            response = await self._client.users_info(user=user, include_locale=True)
        except (SlackApiError, SlackUnavailable) as error:
            why = error_code(error) if isinstance(error, SlackApiError) else repr(error)
            log.warning("slack.person_unknown", user=user, error=why)
            known = _Known((self._known.last(user) or _NOBODY).person, None)
            self._known.put(user, known, seconds=DOUBTED_SECONDS)
            return known
        known = self._read(cast("dict[str, Any]", response.get("user") or {}))
        self._known.put(user, known, seconds=REMEMBERED_SECONDS)
        return known

    async def _read_list(self, wanted: Collection[str]) -> None:
        """Remember who is on users.list, until *wanted* are known. Who is missing is asked for one by one."""
        cursor: str | None = None
        for _ in range(PAGES):
            try:
                page = await self._client.users_list(cursor=cursor, limit=PAGE_SIZE, include_locale=True)
            except (SlackApiError, SlackUnavailable) as error:
                log.warning("slack.people_unlisted", error=repr(error))
                return
            for user in cast("list[dict[str, Any]]", page.get("members") or []):
                self._known.put(str(user.get("id")), self._read(user), seconds=REMEMBERED_SECONDS)
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor or not self._unknown(wanted):
                return

    def _read(self, user: Mapping[str, Any]) -> _Known:
        default = Person()
        person = Person(str(user.get("locale") or default.locale), str(user.get("tz") or default.time_zone))
        return _Known(person, standing_of(user, self._me) if user.get("id") else None)


def standing_of(user: Mapping[str, Any], me: Identity) -> Standing:
    return Standing(
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_external=bool(user.get("is_stranger")) or not _is_of_our_company(user, me),
        is_bot=bool(user.get("is_bot")),
    )


def _is_of_our_company(user: Mapping[str, Any], me: Identity) -> bool:
    """`is_stranger` alone does not tell: it is not set for people with whom we share a channel."""
    team = str(user.get("team_id") or "")
    if team == me.team or (me.enterprise and team == me.enterprise):
        return True
    grid = cast("Mapping[str, Any]", user.get("enterprise_user") or {})
    return bool(me.enterprise) and grid.get("enterprise_id") == me.enterprise
