"""The client's gates and retries, without a server where that is enough."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import aiohttp
import pytest

from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.logging.redaction import redact_with
from bot.logging.secrets import Secrets
from bot.slack.client import MaybeDone, PatientClient, SlackUnavailable, open_client
from bot.slack.gates import Gates
from tests.fakes.clock import FakeTime


async def client_on(workspace: Workspace, session: aiohttp.ClientSession, time: FakeTime) -> PatientClient:
    gates = Gates(clock=time, sleep=time.sleep)
    return PatientClient(BOT_TOKEN, base_url=workspace.api_url, session=session, gates=gates, sleep=time.sleep)


async def test_retry_after_is_waited_out_to_the_second_and_no_call_is_made_meanwhile() -> None:
    workspace, time = Workspace(), FakeTime()
    async with workspace.serving(), aiohttp.ClientSession() as session:
        client = await client_on(workspace, session, time)
        workspace.fail_next("conversations.info", retry_after=17)
        await client.conversations_info(channel="C0SALES")
        assert time.slept == [17]
        assert [call.error for call in workspace.calls_of("conversations.info")] == ["ratelimited", None]
        # One caller was turned away; the others wait with it instead of knocking.
        workspace.fail_next("conversations.info", retry_after=9)
        await client.conversations_info(channel="C0SALES")
        client.gates.close("conversations.info", "C0SALES", 5)
        await asyncio.gather(*(client.conversations_info(channel="C0SALES") for _ in range(10)))
        assert [call.error for call in workspace.calls_of("conversations.info")].count("ratelimited") == 2


async def test_who_watches_calls_is_told_of_a_wait_and_a_second_try_as_one_and_of_its_end() -> None:
    workspace, time = Workspace(), FakeTime()
    seen: list[tuple[str, str]] = []

    @contextmanager
    def watch(method: str) -> Generator[None]:
        try:
            yield
        except Exception as error:
            seen.append((method, type(error).__name__))
            raise
        seen.append((method, f"after {sum(time.slept):g} s"))

    async with workspace.serving(), aiohttp.ClientSession() as session:
        gates = Gates(clock=time, sleep=time.sleep)
        client = PatientClient(
            BOT_TOKEN, base_url=workspace.api_url, session=session, gates=gates, sleep=time.sleep, around_call=watch
        )
        workspace.fail_next("conversations.info", retry_after=17)
        await client.conversations_info(channel="C0SALES")
        assert await client.call_once("chat.update", json={"channel": "C0GONE", "ts": "1.0", "text": "x"}) is False
    assert seen == [("conversations.info", "after 17 s"), ("chat.update", "SlackApiError")]


async def test_a_wait_beyond_reason_is_left_to_the_inbox() -> None:
    workspace, time = Workspace(), FakeTime()
    async with workspace.serving(), aiohttp.ClientSession() as session:
        client = await client_on(workspace, session, time)
        workspace.fail_next("conversations.info", retry_after=600)
        with pytest.raises(SlackUnavailable):
            await client.conversations_info(channel="C0SALES")
        assert time.slept == []


async def test_reads_are_tried_four_times_and_posts_once() -> None:
    workspace, time = Workspace(), FakeTime()
    async with workspace.serving(), aiohttp.ClientSession() as session:
        client = await client_on(workspace, session, time)
        workspace.fail_next("conversations.info", status=502, times=10)
        with pytest.raises(SlackUnavailable):
            await client.conversations_info(channel="C0SALES")
        assert len(workspace.calls_of("conversations.info")) == 4
        workspace.fail_next("chat.postMessage", status=502, times=10)
        with pytest.raises(MaybeDone):
            await client.chat_postMessage(channel="C0SALES", text="x")
        assert len(workspace.calls_of("chat.postMessage")) == 1


async def test_a_server_that_is_not_there_is_slack_being_unavailable() -> None:
    time = FakeTime()
    async with aiohttp.ClientSession() as session:
        client = PatientClient(BOT_TOKEN, base_url="http://127.0.0.1:9/api/", session=session, sleep=time.sleep)
        with pytest.raises(SlackUnavailable):
            await client.chat_postMessage(channel="C1", text="x")
    assert len(time.slept) == 3


async def test_what_is_overtaken_anyway_is_not_waited_for() -> None:
    workspace, time = Workspace(), FakeTime()
    async with workspace.serving(), aiohttp.ClientSession() as session:
        client = await client_on(workspace, session, time)
        client.gates.close("chat.update", "C0SALES", 30)
        assert not await client.call_once("chat.update", json={"channel": "C0SALES", "ts": "1.0", "text": "x"})
        assert workspace.calls_of("chat.update") == []
        assert time.slept == []


async def test_a_modal_is_not_opened_late() -> None:
    workspace, time = Workspace(), FakeTime()
    async with workspace.serving(), aiohttp.ClientSession() as session:
        client = await client_on(workspace, session, time)
        workspace.fail_next("views.open", retry_after=2)
        with pytest.raises(SlackUnavailable):
            await client.views_open(trigger_id="1.2.3", view={"type": "modal", "blocks": []})
        assert time.slept == []


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    async with open_client(BOT_TOKEN, base_url="http://127.0.0.1:1/api/") as client:
        assert client.proxy is None
    async with open_client(BOT_TOKEN, base_url="https://slack.com/api/") as client:
        assert client.proxy == "http://proxy.example:3128"


async def test_no_secret_of_ours_is_said_in_slack_and_each_call_keeps_its_own_credentials() -> None:
    workspace, time = Workspace(), FakeTime()
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "the key is correct-horse, says kim@corp.example"}}
    ]
    redact_with(Secrets(["correct-horse", workspace.app_token]))
    try:
        async with workspace.serving(), aiohttp.ClientSession() as session:
            client = await client_on(workspace, session, time)
            posted = await client.chat_postMessage(channel="C0SALES", text="key: correct-horse", blocks=blocks)
            (message,) = workspace.answers("C0SALES", posted["ts"]) or workspace.messages("C0SALES")[-1:]
            assert (await client.apps_connections_open(app_token=workspace.app_token))["ok"]
    finally:
        redact_with(Secrets())
    assert message["text"] == "key: [redacted]"
    assert message["blocks"][0]["text"]["text"] == "the key is [redacted], says kim@corp.example"
