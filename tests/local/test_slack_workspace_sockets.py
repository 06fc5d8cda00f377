"""Socket Mode as the workspace serves it: acks are watched, silence brings another try, sockets come and go."""

import asyncio

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.local.slack.workspace import APP_TOKEN, Workspace
from tests.local.slack_bench import raw_socket, web_client

FAST = {"ack_timeout": 0.05, "retry_delays": (0.0, 0.02, 0.02)}


async def test_a_mention_comes_as_two_events_of_one_post() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket:
        ts = await workspace.post("U0ANA", "C0GENERAL", "<@U0BOLT> hello")
        frames = [await socket.receive_and_ack(), await socket.receive_and_ack()]
        await workspace.wait_for(lambda: len(workspace.acks) == 2)
    events = [frame["payload"]["event"] for frame in frames]
    assert [event["type"] for event in events] == ["app_mention", "message"]
    assert {event["ts"] for event in events} == {ts}
    assert len({frame["payload"]["event_id"] for frame in frames}) == 2
    assert frames[0]["retry_attempt"] == 0
    assert [len(envelope.acks) for envelope in workspace.envelopes_of(ts)] == [1, 1]


async def test_the_message_event_can_overtake_the_mention() -> None:
    async with Workspace(flip_mention_order=True).serving() as workspace, raw_socket(workspace) as socket:
        await workspace.post("U0ANA", "C0GENERAL", "<@U0BOLT> hello")
        kinds = [(await socket.receive_and_ack())["payload"]["event"]["type"] for _ in range(2)]
    assert kinds == ["message", "app_mention"]


async def test_a_dm_comes_as_one_message_event() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket:
        await workspace.post("U0MINSU", "D0MINSU", "<@U0BOLT> 안녕하세요")
        event = (await socket.receive_and_ack())["payload"]["event"]
        assert len(workspace.envelopes) == 1
    assert (event["type"], event["channel_type"], event["user"]) == ("message", "im", "U0MINSU")


async def test_an_event_nobody_acks_comes_four_times_and_then_no_more() -> None:
    async with Workspace(**FAST).serving() as workspace, raw_socket(workspace) as socket:
        await workspace.post("U0ANA", "D0ANA", "hello")
        frames = [await socket.receive() for _ in range(4)]
        await workspace.wait_for(lambda: workspace.envelopes[0].abandoned)
    assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2, 3]
    assert [frame["retry_reason"] for frame in frames] == ["", "timeout", "timeout", "timeout"]
    assert len({frame["payload"]["event_id"] for frame in frames}) == 1
    assert len({frame["envelope_id"] for frame in frames}) == 4


async def test_an_ack_ends_the_retries() -> None:
    async with Workspace(**FAST).serving() as workspace, raw_socket(workspace) as socket:
        await workspace.post("U0ANA", "D0ANA", "hello")
        await socket.receive()
        await socket.receive_and_ack()
        envelope = workspace.envelopes[0]
        await workspace.wait_for(lambda: not workspace.courier.unanswered_events)
    assert len(envelope.deliveries) == 2
    assert len(envelope.acks) == 1
    assert envelope.acks[0].seconds < 5


async def test_what_was_said_while_nobody_listened_comes_when_somebody_connects() -> None:
    async with Workspace().serving() as workspace:
        await workspace.post("U0ANA", "D0ANA", "first")
        await workspace.post("U0ANA", "D0ANA", "second")
        async with raw_socket(workspace) as socket:
            frames = [await socket.receive_and_ack() for _ in range(2)]
    assert [frame["payload"]["event"]["text"] for frame in frames] == ["first", "second"]
    assert [frame["retry_attempt"] for frame in frames] == [1, 1]


async def test_an_envelope_can_come_again_though_it_was_acked() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket:
        await workspace.post("U0ANA", "D0ANA", "hello")
        first = await socket.receive_and_ack()
        await workspace.wait_for(lambda: workspace.acks)
        await workspace.redeliver(workspace.envelopes[0])
        second = await socket.receive_and_ack()
        await workspace.wait_for(lambda: len(workspace.envelopes[0].acks) == 2)
    assert second["payload"] == first["payload"]
    assert second["retry_attempt"] == 1


async def test_two_sockets_share_the_envelopes() -> None:
    async with (
        Workspace().serving() as workspace,
        raw_socket(workspace) as one,
        raw_socket(workspace) as two,
    ):
        assert two.frames[0]["num_connections"] == 2
        for number in range(4):
            await workspace.post("U0ANA", "D0ANA", str(number))
        texts = [(await socket.receive_and_ack())["payload"]["event"]["text"] for socket in (one, two, one, two)]
    assert sorted(texts) == ["0", "1", "2", "3"]


async def test_a_refresh_warns_says_goodbye_and_closes_the_old_socket_after_a_while() -> None:
    async with Workspace(linger=0.05).serving() as workspace, raw_socket(workspace) as old:
        await workspace.refresh(warn_ahead=0.01)
        reasons = [(await old.receive())["reason"] for _ in range(2)]
        async with raw_socket(workspace) as new:
            closed = await old.socket.receive(timeout=5)
            await workspace.post("U0ANA", "D0ANA", "hello")
            frame = await new.receive_and_ack()
    assert reasons == ["warning", "refresh_requested"]
    assert closed.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert frame["payload"]["event"]["text"] == "hello"


async def test_a_dropped_socket_ends_without_a_goodbye() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket:
        await workspace.drop_sockets()
        message = await socket.socket.receive(timeout=5)
        await workspace.wait_for(lambda: workspace.sockets == 0)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert socket.socket.close_code in (None, 1006)


async def test_a_ticket_opens_one_socket_only() -> None:
    async with Workspace().serving() as workspace, web_client(workspace, "xapp-local") as client:
        url = (await client.api_call("apps.connections.open"))["url"]
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url):
                pass
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)


async def test_a_ping_is_answered_and_junk_is_survived() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket:
        await socket.socket.ping(b"still there?")
        await socket.socket.send_json({"envelope_id": "nobody-sent-this"})
        await socket.socket.send_json([1, 2])
        await socket.socket.send_str("{ not json")
        await workspace.wait_for(lambda: workspace.courier.unknown_acks)
        await workspace.send_raw("{ not json either")
        await workspace.send_raw({"type": "hologram"})
        texts = [(await socket.socket.receive(timeout=5)).data for _ in range(2)]
        await workspace.post("U0ANA", "D0ANA", "hello")
        await socket.receive_and_ack()
        await workspace.wait_for(lambda: workspace.acks)
    assert texts == ["{ not json either", '{"type": "hologram"}']


async def test_the_bots_own_posts_come_back_to_it_as_slack_sends_them() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket, web_client(workspace) as client:
        posted = await client.chat_postMessage(channel="C0SALES", text="mine, <@U0BOLT>")
        event = (await socket.receive_and_ack())["payload"]["event"]
        await client.chat_update(channel="C0SALES", ts=posted["ts"], text="mine still")
        changed = (await socket.receive_and_ack())["payload"]["event"]
    assert (event["type"], event["bot_id"], event["ts"]) == ("message", "B0BOLT", posted["ts"])
    assert changed["subtype"] == "message_changed"
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("mine, <@U0BOLT>", "mine still")


async def test_closing_the_workspace_leaves_no_task_behind() -> None:
    async with Workspace().serving() as workspace:
        await workspace.post("U0ANA", "C0GENERAL", "<@U0BOLT> nobody listens")
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not [name for name in names if name.startswith("local-slack")]


async def test_the_stock_client_of_slack_connects_acks_and_follows_a_refresh() -> None:
    async with Workspace(linger=0.05).serving() as workspace, web_client(workspace) as web:
        client = SocketModeClient(app_token=APP_TOKEN, web_client=web, ping_interval=0.1)
        heard: list[str] = []

        async def answer(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            heard.append(request.payload["event"]["text"])
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

        client.socket_mode_request_listeners.append(answer)
        await client.connect()
        await workspace.connected()
        await workspace.post("U0ANA", "D0ANA", "before")
        await workspace.wait_for(lambda: len(workspace.acks) == 1)
        await workspace.refresh()
        await workspace.wait_for(lambda: workspace.courier.links.opened == 2)
        await workspace.post("U0ANA", "D0ANA", "after")
        await workspace.wait_for(lambda: len(workspace.acks) == 2)
        assert await client.is_connected()
        await client.close()
    assert heard == ["before", "after"]
