"""The trouble that a developer makes at the page: what the bot meets, and what is seen of how it copes."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.local.slack.faults import Faults
from bot.local.slack.workspace import Workspace
from tests.local.slack_bench import raw_socket, web_client

GENERAL = "C0GENERAL"


async def test_posts_are_turned_away_with_a_retry_after_and_then_taken_again() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        await workspace.trouble.strike("rate_limit")
        for _ in range(2):
            with pytest.raises(SlackApiError) as refused:
                await client.chat_postMessage(channel=GENERAL, text="answer")
            assert refused.value.response["error"] == "ratelimited"
            assert refused.value.response.headers["Retry-After"] == "5"
        await client.chat_postMessage(channel=GENERAL, text="answer")
    assert [message["text"] for message in workspace.messages(GENERAL)] == ["answer"]


async def test_a_cut_connection_loses_the_answer_and_not_the_post() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        client.retry_handlers.clear()
        await workspace.trouble.strike("cut")
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=GENERAL, text="once")
    assert [message["text"] for message in workspace.messages(GENERAL)] == ["once"]
    assert workspace.calls[-1].error == "cut"


async def test_a_half_open_link_swallows_what_it_is_sent_and_the_event_comes_again_by_another() -> None:
    async with (
        Workspace(ack_timeout=0.05, retry_delays=[0.02] * 50).serving() as workspace,
        raw_socket(workspace) as dead,
    ):
        await workspace.trouble.strike("half_open")
        async with raw_socket(workspace) as alive:
            await workspace.post("U0ANA", "D0ANA", "hello")
            await workspace.post("U0ANA", "D0ANA", "hello again")
            texts: set[str] = set()
            while len(texts) < 2:  # one whose ack is late comes once more
                texts.add((await alive.receive_and_ack())["payload"]["event"]["text"])
        assert [frame["type"] for frame in dead.frames] == ["hello"]
        assert any(len(envelope.deliveries) > 1 for envelope in workspace.envelopes)
        await workspace.drop_sockets()  # or its client waits for an answer to its goodbye


async def test_the_newest_event_comes_once_more_though_it_was_acked() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as bot:
        with pytest.raises(LookupError):
            await workspace.trouble.strike("redeliver")
        await workspace.post("U0ANA", "D0ANA", "hello")
        first = await bot.receive_and_ack()
        await workspace.wait_for(lambda: workspace.acks)
        await workspace.trouble.strike("redeliver")
        again = await bot.receive_and_ack()
    assert first["payload"] == again["payload"]
    assert (first["retry_attempt"], again["retry_attempt"]) == (0, 1)


async def test_a_late_post_is_overtaken_by_the_next_one() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as bot:
        workspace.courier.delay_next(0.2)
        for text in ("<@U0BOLT> first", "<@U0BOLT> second"):
            await workspace.post("U0ANA", GENERAL, text)
        texts = [(await bot.receive_and_ack())["payload"]["event"]["text"][-6:] for _ in range(4)]
    assert texts == ["second", "second", " first", " first"]


async def test_so_many_calls_are_slow_and_no_more() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    faults = Faults(sleep=sleep)
    faults.slow_down(3.0, calls=2)
    for _ in range(4):
        await faults.pass_slowly()
    assert waited == [3.0, 3.0]


async def test_trouble_is_made_and_watched_over_http() -> None:
    async with (
        Workspace(linger=0.05).serving() as workspace,
        raw_socket(workspace) as bot,
        web_client(workspace) as client,
        aiohttp.ClientSession(workspace.page_url) as session,
    ):
        await workspace.post("U0ANA", "D0ANA", "hello")
        await bot.receive_and_ack()
        await workspace.wait_for(lambda: workspace.acks)
        await client.auth_test()
        async with session.get("local/trouble") as answer:
            seen = await answer.json()
        async with session.post("local/trouble", json={"kind": "earthquake"}) as refused:
            assert refused.status == 400
        async with session.post("local/trouble", json={"kind": "refresh"}) as done:
            assert (await done.json())["ok"] is True
        assert (await bot.receive())["reason"] == "refresh_requested"
    assert seen["sockets"] == 1
    assert (seen["envelopes"][0]["what"], seen["envelopes"][0]["link"]) == ("message", 1)
    assert seen["calls"][0] == {"method": "auth.test", "error": None}


async def test_a_dropped_socket_is_gone_at_once() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as bot:
        await workspace.trouble.strike("drop")
        message = await bot.socket.receive(timeout=5)
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.ERROR)
        await workspace.wait_for(lambda: workspace.sockets == 0)
