"""Who reads a conversation: what policy is asked about before anything is shown there."""

import time
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import structlog
from slack_sdk.errors import SlackApiError

from agent.turn import Audience, Member
from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.gates import Clock
from bot.slack.groups import Groups, SlackGroups
from bot.slack.people import SlackPeople, Standing
from bot.slack.remembered import Remembered

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS: Final = 60.0
"""Joins and leaves are told by events and forget a room at once; with several daemons one of them hears it."""
MOST_ROOMS: Final = 1000
MOST_LOOKED_AT: Final = 5000
"""People of one room among whom outsiders are looked for; in a larger one there may be some."""
PAGE_SIZE: Final = 1000


@dataclass(frozen=True, slots=True)
class _Room:
    name: str
    is_shared_outside: bool
    users: frozenset[str] | None
    """None: more than are looked at."""


class SlackRooms:
    """Fails closed: a room that Slack does not describe has strangers in it, and nobody whose rights are known."""

    def __init__(
        self,
        client: PatientClient,
        people: SlackPeople,
        groups: SlackGroups,
        *,
        members_limit: int,
        clock: Clock = time.monotonic,
    ) -> None:
        """*members_limit*: of a room with more people than that only the outsiders are told, not who is there."""
        self._client = client
        self._people = people
        self._groups = groups
        self._members_limit = members_limit
        self._known = Remembered[str, _Room](most=MOST_ROOMS, clock=clock)
        self._changes = 0

    async def audience(self, channel: str, user: str, *, kind: Literal["asker", "channel"]) -> Audience:
        room = _Room("", is_shared_outside=False, users=frozenset()) if kind == "asker" else await self._room(channel)
        if room is None:
            return Audience(kind, channel, external=True)
        standings = await self._people.standings({user, *(room.users or ())})
        groups = await self._groups.by_user()
        if standings is None:
            log.warning("slack.room_unknown", channel=channel)
            return Audience(kind, channel, external=True, channel_name=room.name)
        members = _members(standings, groups)
        is_counted = room.users is not None and len(members) <= self._members_limit
        asker = next((member for member in members if member.user == user), None)
        return Audience(
            kind,
            channel,
            # Where not everybody was looked at, an outsider may be among the rest. An app that acts (it marks whatever
            # is posted, cards too) is nobody's colleague.
            external=room.is_shared_outside
            or room.users is None
            or asker is None
            or any(m.is_guest or m.is_external for m in members),
            members=members if is_counted else None,
            channel_name=room.name,
            asker=asker,
        )

    async def is_shared(self, channel: str) -> bool:
        room = await self._room(channel)
        return room is not None and room.is_shared_outside

    async def holds(self, channel: str, user: str) -> bool:
        if channel.startswith("D"):
            return True  # Slack brings clicks in a direct message from its two ends only
        room = await self._room(channel)
        if room is not None and room.users is not None and user not in room.users:
            self.forget(channel)  # perhaps they have just come in
            room = await self._room(channel)
        return room is not None and (room.users is None or user in room.users)

    def forget(self, channel: str) -> None:
        """Somebody came or went."""
        self._changes += 1
        self._known.forget(channel)

    def forget_groups(self) -> None:
        self._groups.forget()

    async def _room(self, channel: str) -> _Room | None:
        if (known := self._known.fresh(channel)) is not None:
            return known
        changes = self._changes
        try:
            info, users = await self._info(channel), await self._users(channel)
        except (SlackApiError, SlackUnavailable) as error:
            why = error_code(error) if isinstance(error, SlackApiError) else repr(error)
            log.warning("slack.room_unknown", channel=channel, error=why)
            return None
        # A channel that is about to be shared is not shared yet; whether one is, Slack must have said.
        room = _Room(str(info.get("name") or ""), info.get("is_ext_shared") is not False, users)
        if changes == self._changes:  # else somebody may have come in while Slack was asked
            self._known.put(channel, room, seconds=REMEMBERED_SECONDS)
        return room

    async def _info(self, channel: str) -> dict[str, Any]:
        response = await self._client.conversations_info(channel=channel)
        return cast("dict[str, Any]", response.get("channel") or {})

    async def _users(self, channel: str) -> frozenset[str] | None:
        users: set[str] = set()
        cursor: str | None = None
        while len(users) <= MOST_LOOKED_AT:
            page = await self._client.conversations_members(channel=channel, limit=PAGE_SIZE, cursor=cursor)
            users.update(cast("list[str]", page.get("members") or []))
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return frozenset(users)
        return None


def _members(standings: dict[str, Standing], groups: Groups) -> tuple[Member, ...]:
    """The people among them. Apps are not counted: the company let them in, and with rights to nothing they would
    leave every room without an answer."""
    return tuple(
        Member(user, groups.get(user, frozenset()), standing.is_guest, standing.is_external)
        for user, standing in sorted(standings.items())
        if not standing.is_bot
    )
