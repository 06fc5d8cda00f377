"""The Socket Mode client against a workspace that refreshes, drops, redelivers and talks nonsense."""

import asyncio

import pytest
from slack_sdk.errors import SlackApiError

from bot.inbox.items import TurnRequested
from bot.local.slack.workspace import APP_TOKEN, BOT_TOKEN
from bot.slack.app import build_app
from bot.slack.client import open_client
from bot.slack.groups import SlackGroups
from bot.slack.identity import Identity, WrongToken, ask_identity
from bot.slack.people import SlackPeople
from bot.slack.rooms import SlackRooms
from bot.slack.socket import SocketHandler
from bot.slack.whispers import SlackWhispers
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.inbox import FakeInbox
from tests.integration.slack.socket_bench import FAST, connected


async def test_a_mention_is_stored_once_and_both_its_events_are_acked() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await bench.workspace.post("U0ANA", "C0GENERAL", "<@U0BOLT> how many orders?")
        await bench.workspace.wait_for(lambda: len(bench.workspace.acks) == 2)
    (item,) = bench.inbox.items
    assert isinstance(item, TurnRequested)
    assert (item.dedupe_key, item.text, item.thread_ts) == (f"message:T0LOCAL:C0GENERAL:{ts}", "how many orders?", ts)
    assert bench.inbox.puts == 2


async def test_the_ack_leaves_after_the_commit() -> None:
    async with connected(CheckedWorkspace()) as bench:
        bench.inbox.gate.clear()
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.inbox.puts == 1)
        await asyncio.sleep(0.1)
        assert bench.workspace.acks == []
        bench.inbox.gate.set()
        await bench.workspace.wait_for(lambda: bench.workspace.acks)
    assert len(bench.inbox.items) == 1


async def test_an_event_that_was_not_stored_is_not_acked_and_comes_again() -> None:
    async with connected(CheckedWorkspace(**FAST)) as bench:
        bench.inbox.failures = 1
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.inbox.items)
        await bench.workspace.wait_for(lambda: bench.workspace.acks)
        (envelope,) = bench.workspace.envelopes
    assert len(envelope.deliveries) == 2
    assert len(envelope.acks) == 1


async def test_a_redelivered_envelope_is_acked_again_and_stored_once() -> None:
    async with connected(CheckedWorkspace()) as bench:
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.workspace.acks)
        await bench.workspace.redeliver(bench.workspace.envelopes[0])
        await bench.workspace.wait_for(lambda: len(bench.workspace.acks) == 2)
    assert len(bench.inbox.items) == 1


async def test_a_refresh_under_load_loses_nothing() -> None:
    """1 200 events while the socket is refreshed three times: each is stored once, and acked."""
    async with connected(CheckedWorkspace(linger=0.5)) as bench:
        for number in range(1200):
            if number in (300, 600, 900):
                await bench.workspace.refresh()
            await bench.workspace.post("U0ANA", "D0ANA", f"question {number}")
            if number % 10 == 0:
                await asyncio.sleep(0.005)
        await bench.workspace.wait_for(lambda: all(e.acks for e in bench.workspace.envelopes), timeout=60)
        texts = [item.text for item in bench.inbox.items if isinstance(item, TurnRequested)]
        assert sorted(texts) == sorted(f"question {number}" for number in range(1200))
        # Frames that cross the close of the old socket come twice; how many is the scheduler's, so none counts them.
        assert {delivery.link for e in bench.workspace.envelopes for delivery in e.deliveries} > {1}


async def test_a_refresh_leaves_no_moment_without_a_socket() -> None:
    async with connected(CheckedWorkspace(linger=0.5)) as bench:
        seen: set[int] = set()

        async def look() -> None:
            while True:
                seen.add(bench.workspace.sockets)
                await asyncio.sleep(0)

        looking = asyncio.create_task(look())
        await bench.workspace.refresh()
        await bench.workspace.wait_for(lambda: bench.workspace.sockets == 2)
        await bench.workspace.wait_for(lambda: bench.workspace.sockets == 1)
        looking.cancel()
        assert seen == {1, 2}


async def test_every_ack_goes_back_on_the_link_its_envelope_came_by() -> None:
    async with connected(CheckedWorkspace(linger=0.5)) as bench:
        bench.inbox.gate.clear()
        await bench.workspace.post("U0ANA", "D0ANA", "before")
        await bench.workspace.wait_for(lambda: bench.inbox.puts == 1)
        await bench.workspace.refresh()
        await bench.workspace.wait_for(lambda: bench.workspace.sockets == 2)
        for number in range(20):
            await bench.workspace.post("U0ANA", "D0ANA", f"after {number}")
        bench.inbox.gate.set()
        await bench.workspace.wait_for(lambda: len(bench.workspace.acks) == 21)
        for envelope in bench.workspace.envelopes:
            assert [ack.link for ack in envelope.acks] == [delivery.link for delivery in envelope.deliveries]
        assert bench.workspace.envelopes[0].acks[0].link == 1
        assert bench.workspace.envelopes[-1].acks


async def test_the_old_link_is_read_until_slack_closes_it() -> None:
    async with connected(CheckedWorkspace(linger=0.3)) as bench:
        await bench.workspace.refresh()
        await bench.workspace.wait_for(lambda: bench.workspace.sockets == 2)
        await bench.workspace.wait_for(lambda: bench.workspace.sockets == 1)
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.workspace.acks)


async def test_a_dropped_socket_is_opened_again() -> None:
    async with connected(CheckedWorkspace(**FAST)) as bench:
        await bench.workspace.drop_sockets()
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.inbox.items)
        await bench.workspace.wait_for(lambda: bench.workspace.acks)
        assert await bench.socket.client.is_connected()


async def test_slack_refusing_a_new_link_is_asked_until_it_gives_one() -> None:
    async with connected(CheckedWorkspace()) as bench:
        bench.workspace.fail_next("apps.connections.open", "internal_error", times=2)
        await bench.workspace.drop_sockets()
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.workspace.acks)


@pytest.mark.parametrize(
    "frame",
    [
        {"envelope_id": "e1", "type": "events_api", "payload": None},
        {"envelope_id": "e1", "type": "events_api", "payload": []},
        {"envelope_id": "e1", "type": "events_api", "payload": "text"},
        {"envelope_id": "e1", "type": "events_api", "payload": 7},
        {"envelope_id": "e1", "type": "events_api"},
        {"envelope_id": "e1", "payload": {}},
        {"envelope_id": "e1"},
        {"envelope_id": "e1", "type": 7, "payload": {}},
        {"envelope_id": "e1", "type": "events_api", "payload": {"event": None}},
        {"envelope_id": "e1", "type": "events_api", "payload": {"event": []}},
        {"envelope_id": "e1", "type": "events_api", "payload": {"event": "message"}},
        {"envelope_id": "e1", "type": "events_api", "payload": {"event": {"type": ["message"]}}},
        {"envelope_id": "e1", "type": "events_api", "payload": {"event": {"type": "app_mention"}}},
        {
            "envelope_id": "e1",
            "type": "events_api",
            "payload": {"team_id": 7, "event": {"type": "message", "user": {}}},
        },
        {
            "envelope_id": "e1",
            "type": "events_api",
            "payload": {"team_id": "T", "event": {"type": "message", "user": "U", "channel": "D1", "ts": "NaN"}},
        },
        {
            "envelope_id": "e1",
            "type": "events_api",
            "payload": {
                "team_id": "T",
                "event": {"type": "message", "user": "U", "channel": "D1", "ts": "1.0", "text": 1},
            },
        },
        {"envelope_id": "e1", "type": "interactive", "payload": {"type": "block_actions"}},
        {"envelope_id": "e1", "type": "interactive", "payload": {"type": "block_actions", "actions": [{}]}},
        {
            "envelope_id": "e1",
            "type": "interactive",
            "payload": {"type": "block_actions", "actions": [{"action_id": "approve"}], "user": None, "team": 1},
        },
        {"envelope_id": "e1", "type": "slash_commands", "payload": {"command": "/nobody"}},
        {"envelope_id": "e1", "type": "unheard_of", "payload": {"a": 1}},
        {"envelope_id": "e1", "type": "events_api", "payload": {"event": {"type": "pin_added", "user": "U"}}},
    ],
)
async def test_what_cannot_be_read_or_concerns_nobody_is_acked_and_dropped(frame: dict[str, object]) -> None:
    async with connected(CheckedWorkspace()) as bench:
        await bench.workspace.send_raw(frame)
        await bench.workspace.wait_for(lambda: bench.workspace.courier.unknown_acks)
        assert bench.workspace.courier.unknown_acks == ["e1"]
        # And the link lives on.
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.inbox.items)
    assert len(bench.inbox.items) == 1


@pytest.mark.parametrize("frame", ["no json", "[1, 2]", "null", "{", '"text"'])
async def test_a_frame_without_an_envelope_does_not_break_the_link(frame: str) -> None:
    async with connected(CheckedWorkspace()) as bench:
        await bench.workspace.send_raw(frame)
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await bench.workspace.wait_for(lambda: bench.workspace.acks)
        assert len({delivery.link for e in bench.workspace.envelopes for delivery in e.deliveries}) == 1


async def test_closing_sends_the_acks_of_what_is_in_hand() -> None:
    async with connected(CheckedWorkspace()) as bench:
        bench.inbox.gate.clear()
        for number in range(20):
            await bench.workspace.post("U0ANA", "D0ANA", f"question {number}")
        await bench.workspace.wait_for(lambda: bench.inbox.puts == 20)
        closing = asyncio.create_task(bench.socket.close())
        await asyncio.sleep(0.05)
        assert not closing.done()
        bench.inbox.gate.set()
        await closing
        await bench.workspace.wait_for(lambda: len(bench.workspace.acks) == 20)
    assert bench.workspace.sockets == 0


async def test_after_close_nothing_more_is_taken() -> None:
    async with connected(CheckedWorkspace()) as bench:
        await bench.socket.close()
        await bench.workspace.post("U0ANA", "D0ANA", "hello")
        await asyncio.sleep(0.1)
        assert bench.inbox.items == []
        assert bench.socket.connected_since is None
        assert bench.socket.pong_age() is None


async def test_more_envelopes_than_slots_wait_and_all_are_taken() -> None:
    async with connected(CheckedWorkspace()) as bench:
        bench.inbox.gate.clear()
        for number in range(200):
            await bench.workspace.post("U0ANA", "D0ANA", f"question {number}")
        await bench.workspace.wait_for(lambda: bench.inbox.puts == 64)
        bench.inbox.gate.set()
        await bench.workspace.wait_for(lambda: len(bench.workspace.acks) == 200)
    assert len(bench.inbox.items) == 200


async def test_health_can_be_read_off_the_socket() -> None:
    async with connected(CheckedWorkspace()) as bench:
        age = bench.socket.pong_age()
        assert age is not None
        assert age < 5
        assert bench.socket.connected_since is not None


async def test_a_link_that_slack_has_closed_is_none_while_its_successor_cannot_be_opened() -> None:
    """Slack told it to leave in time: the link itself ends when the first tries have failed already."""
    async with connected(CheckedWorkspace(linger=0.2)) as bench:
        bench.workspace.fail_next("apps.connections.open", times=1_000)
        await bench.workspace.refresh()
        await bench.workspace.wait_for(lambda: bench.socket.connected_since is None)
        assert bench.socket.pong_age() is None
        assert not await bench.socket.client.is_connected()


async def test_a_wrong_app_token_stops_the_start_with_a_sentence() -> None:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        me = Identity("T", "U", "B")
        people = SlackPeople(client, me)
        rooms = SlackRooms(client, people, SlackGroups(client), members_limit=200)
        app = build_app(client, me, inbox=FakeInbox(), whispers=SlackWhispers(client), people=people, rooms=rooms)
        socket = SocketHandler(app, APP_TOKEN + "x", web_client=client)
        with pytest.raises(WrongToken, match="SLACK_APP_TOKEN is wrong: Slack answered invalid_auth"):
            await socket.connect()
        await socket.close()


async def test_a_wrong_bot_token_stops_the_start_with_a_sentence() -> None:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client("xoxb-wrong", base_url=workspace.api_url) as client:
        with pytest.raises(WrongToken, match="SLACK_BOT_TOKEN is wrong"):
            await ask_identity(client)


async def test_an_identity_that_slack_does_not_tell_is_no_wrong_token() -> None:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        workspace.fail_next("auth.test", "team_added_to_org")
        with pytest.raises(SlackApiError):
            await ask_identity(client)
