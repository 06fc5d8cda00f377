"""The room as Slack tells it: counted once, asked for anew after a join, closed where Slack says nothing."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from agent.policy.deciders import Deciders, speaker_in
from bot.local.slack.people import Person
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.slack.client import open_client
from bot.slack.groups import SlackGroups
from bot.slack.identity import Identity, ask_identity
from bot.slack.people import MANY, REMEMBERED_SECONDS, TOO_MANY, SlackPeople, standing_of
from bot.slack.rooms import MOST_LOOKED_AT, SlackRooms
from tests.checked_workspace import CheckedWorkspace
from tests.integration.slack.socket_bench import connected

CLOSED = (None, True)
"""Members and external of a room about which nothing is known."""


@dataclass(frozen=True)
class Bench:
    workspace: Workspace
    rooms: SlackRooms

    async def read(self, channel: str = "C0SALES", user: str = "U0ANA") -> tuple[list[str] | None, bool]:
        audience = await self.rooms.audience(channel, user, kind="channel")
        members = audience.members
        return None if members is None else [member.user for member in members], audience.external

    def asked(self, method: str) -> int:
        return len(self.workspace.calls_of(method))


async def _at_once(_: float) -> None:
    return


@asynccontextmanager
async def bench(*, limit: int = 200) -> AsyncGenerator[Bench]:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        client._pause = _at_once
        people = SlackPeople(client, await ask_identity(client))
        yield Bench(workspace, SlackRooms(client, people, SlackGroups(client), members_limit=limit))


async def test_a_room_is_asked_for_once_while_it_is_remembered() -> None:
    async with bench() as b:
        first = await b.read()
        assert await b.read() == first == (["U0ANA", "U0AOI", "U0MINSU"], False)
        assert (b.asked("conversations.members"), b.asked("conversations.info"), b.asked("usergroups.list")) == (
            1,
            1,
            1,
        )


async def test_a_room_above_the_limit_is_not_listed_and_its_asker_is_known() -> None:
    async with bench(limit=2) as b:
        audience = await b.rooms.audience("C0SALES", "U0ANA", kind="channel")
        assert (audience.members, audience.external, audience.channel_name) == (None, False, "sales")
        assert audience.asker is not None
        assert audience.asker.groups == {"S0SALES", "sales-team"}
        assert (await b.read("C0AGENCY")) == (None, True)  # a guest is seen among however many


async def test_where_not_everybody_is_looked_at_an_outsider_may_be_there() -> None:
    async with bench() as b:
        channels = b.workspace.room.board.channels
        crowd = tuple(f"U0C{n:04}" for n in range(MOST_LOOKED_AT + 1000))
        channels["C0SALES"] = replace(channels["C0SALES"], members=crowd)
        assert await b.read() == CLOSED
        assert b.asked("users.info") == 1  # the asker's
        assert await b.rooms.holds("C0SALES", "U0GIL") is True


async def test_people_whom_no_list_knows_are_not_asked_for_by_the_hundred() -> None:
    async with bench() as b:
        channels = b.workspace.room.board.channels
        channels["C0SALES"] = replace(channels["C0SALES"], members=tuple(f"U0C{n:04}" for n in range(TOO_MANY)))
        assert await b.read(user="U0C0000") == CLOSED
        assert b.asked("users.info") == 0


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
async def test_where_slack_says_nothing_the_room_is_closed(method: str) -> None:
    async with bench() as b:
        b.workspace.fail_next(method, "missing_scope")
        assert await b.read() == CLOSED


async def test_without_user_groups_people_have_no_groups() -> None:
    async with bench() as b:
        b.workspace.fail_next("usergroups.list", "plan_upgrade_required")
        audience = await b.rooms.audience("C0SALES", "U0ANA", kind="channel")
        assert {member.groups for member in audience.members or ()} == {frozenset()}
        assert audience.external is False


async def test_an_app_that_acts_is_a_stranger_who_decides_on_nothing() -> None:
    async with bench() as b:
        for kind in ("asker", "channel"):
            audience = await b.rooms.audience("C0SALES", "U0BOLT", kind=kind)
            assert (audience.asker, audience.external) == (None, True)
            assert not Deciders().allow(speaker_in(audience, "U0BOLT"), requester="U0ANA")


async def test_groups_that_another_company_or_nobody_runs_give_nothing() -> None:
    async with bench() as b:
        audience = await b.rooms.audience("C0SALES", "U0AOI", kind="channel")
        assert audience.asker is not None
        assert "old-campaign" not in audience.asker.groups


async def test_a_channel_that_holds_many_people_costs_pages_and_not_a_call_each() -> None:
    async with bench() as b:
        crowd = [Person(f"U0C{n:03}", f"c{n}", f"c{n}", "en-US", "UTC", 0, "000000") for n in range(2 * MANY)]
        b.workspace.room.people |= {person.id: person for person in crowd}
        channels = b.workspace.room.board.channels
        channels["C0SALES"] = replace(channels["C0SALES"], members=("U0BOLT", *(person.id for person in crowd)))
        members, _ = await b.read(user="U0C000")
        assert members == [person.id for person in crowd]
        assert (b.asked("users.list"), b.asked("users.info")) == (1, 0)


async def test_who_grows_old_while_others_are_asked_for_anew_is_still_known() -> None:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        now = 0.0
        people = SlackPeople(client, await ask_identity(client), clock=lambda: now)
        await people.standings({"U0ANA"})
        now = 1.0
        await people.standings({"U0MINSU"})
        now = REMEMBERED_SECONDS + 0.5  # Ana is asked for anew, and before Slack answers Min-su's time is over too
        asking = asyncio.create_task(people.standings({"U0ANA", "U0MINSU"}))
        await workspace.wait_for(lambda: len(workspace.calls_of("users.info")) == 3 or None)
        now = REMEMBERED_SECONDS + 2
        assert set(await asking or ()) == {"U0ANA", "U0MINSU"}


async def test_who_joins_counts_at_the_next_question() -> None:
    workspace = CheckedWorkspace()
    async with connected(workspace) as bench:
        rooms = bench.rooms
        assert (await rooms.audience("C0SALES", "U0ANA", kind="channel")).external is False
        workspace.room.join("U0GIL", "C0SALES")
        await workspace.wait_for(lambda: all(envelope.acks for envelope in workspace.envelopes) or None)
        assert (await rooms.audience("C0SALES", "U0ANA", kind="channel")).external is True
        assert await rooms.holds("C0SALES", "U0GIL") is True


async def test_who_has_come_in_unannounced_is_found_when_they_press() -> None:
    async with bench() as b:
        await b.read()
        channels = b.workspace.room.board.channels
        channels["C0SALES"] = replace(channels["C0SALES"], members=(*channels["C0SALES"].members, "U0GIL"))
        assert await b.rooms.holds("C0SALES", "U0GIL") is True


@pytest.mark.parametrize(
    ("user", "is_external"),
    [
        ({"id": "U1", "team_id": "T1"}, False),
        ({"id": "U1", "team_id": "E1"}, False),
        ({"id": "W1", "team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T2"]}}, False),
        ({"id": "U1", "team_id": "T2"}, True),
        ({"id": "W1", "team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, True),
        ({"id": "U1", "team_id": "T1", "is_stranger": True}, True),
        ({"id": "U1"}, True),
    ],
)
def test_who_belongs_to_the_company(user: dict[str, object], is_external: bool) -> None:
    assert standing_of(user, Identity("T1", "UB", "B", enterprise="E1")).is_external is is_external


def test_without_an_organisation_no_enterprise_is_ours() -> None:
    assert standing_of({"id": "W1", "team_id": "T2", "enterprise_user": {}}, Identity("T1", "UB", "B")).is_external
