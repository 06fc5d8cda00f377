"""What every `Rooms` promises, on the fake and on the local Slack workspace."""

from collections.abc import AsyncIterator

import pytest

from agent.turn import Member
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.slack.client import open_client
from bot.slack.groups import SlackGroups
from bot.slack.identity import ask_identity
from bot.slack.people import SlackPeople
from bot.slack.rooms import SlackRooms
from bot.surface import Rooms
from tests.fakes.rooms import FakeRooms

ANA = Member("U0ANA", frozenset({"S0SALES", "sales-team"}))
MINSU = Member("U0MINSU", frozenset({"S0DATA", "data-team"}))
AOI = Member("U0AOI", frozenset({"S0SALES", "sales-team"}))
GIL = Member("U0GIL", is_guest=True)
PIA = Member("U0PIA", is_external=True)
NAMES = {"C0SALES": "sales", "C0AGENCY": "agency", "C0PARTNERS": "partners"}


@pytest.fixture(params=["memory", "slack"])
async def rooms(request: pytest.FixtureRequest) -> AsyncIterator[Rooms]:
    if request.param == "memory":
        counted = {"C0SALES": (ANA, MINSU, AOI), "C0AGENCY": (ANA, MINSU, GIL), "C0PARTNERS": (ANA, PIA)}
        yield FakeRooms(counted, names=NAMES, shared={"C0PARTNERS"})
        return
    workspace = Workspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        people = SlackPeople(client, await ask_identity(client))
        yield SlackRooms(client, people, SlackGroups(client), members_limit=200)


async def test_a_room_of_colleagues_is_told_with_their_groups_and_without_apps(rooms: Rooms) -> None:
    audience = await rooms.audience("C0SALES", "U0AOI", kind="channel")
    assert audience.members == tuple(sorted((ANA, MINSU, AOI), key=lambda member: member.user))
    assert (audience.kind, audience.channel, audience.channel_name) == ("channel", "C0SALES", "sales")
    assert audience.external is False
    assert audience.asker == AOI


async def test_one_guest_makes_a_room_external(rooms: Rooms) -> None:
    audience = await rooms.audience("C0AGENCY", "U0ANA", kind="channel")
    assert audience.external is True
    assert GIL in (audience.members or ())


async def test_a_channel_of_two_companies_is_external_and_says_who_is_whose(rooms: Rooms) -> None:
    audience = await rooms.audience("C0PARTNERS", "U0ANA", kind="channel")
    assert audience.external is True
    assert set(audience.members or ()) == {ANA, PIA}


async def test_what_two_companies_share_is_told_apart_from_a_room_with_guests(rooms: Rooms) -> None:
    assert await rooms.is_shared("C0PARTNERS")
    for channel in ("C0AGENCY", "C0SALES", "C0NOWHERE"):
        assert not await rooms.is_shared(channel)


async def test_a_direct_message_is_read_by_its_asker_alone(rooms: Rooms) -> None:
    audience = await rooms.audience("D0MINSU", "U0MINSU", kind="asker")
    assert (audience.kind, audience.members, audience.external) == ("asker", (MINSU,), False)


async def test_a_guests_own_direct_message_is_external(rooms: Rooms) -> None:
    audience = await rooms.audience("D0GIL", "U0GIL", kind="asker")
    assert (audience.members, audience.external) == ((GIL,), True)


async def test_who_asks_from_outside_of_the_room_counts_too(rooms: Rooms) -> None:
    audience = await rooms.audience("C0SALES", "U0GIL", kind="channel")
    assert audience.external is True
    assert GIL in (audience.members or ())


async def test_a_room_that_nobody_can_describe_has_strangers_in_it(rooms: Rooms) -> None:
    audience = await rooms.audience("C0NOWHERE", "U0ANA", kind="channel")
    assert (audience.members, audience.external) == (None, True)


async def test_somebody_nobody_knows_is_a_stranger(rooms: Rooms) -> None:
    audience = await rooms.audience("D0NOBODY", "U0NOBODY", kind="asker")
    assert (audience.members, audience.external, audience.asker) == (None, True, None)


@pytest.mark.parametrize(
    ("channel", "user", "held"),
    [
        ("C0SALES", "U0ANA", True),
        ("C0SALES", "U0GIL", False),
        ("C0NOWHERE", "U0ANA", False),
        ("D0GIL", "U0GIL", True),
    ],
)
async def test_a_room_holds_its_people(rooms: Rooms, channel: str, user: str, held: bool) -> None:
    assert await rooms.holds(channel, user) is held
