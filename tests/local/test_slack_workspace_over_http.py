"""What the page and the command line do to a running workspace, and who else is turned away."""

import aiohttp
import pytest
from yarl import URL

from bot.local.slack.workspace import Workspace
from tests.local.slack_bench import raw_socket


async def test_a_post_over_http_reaches_the_bot_and_its_thread_tells_of_the_acks() -> None:
    async with (
        Workspace().serving() as workspace,
        raw_socket(workspace) as bot,
        aiohttp.ClientSession(workspace.page_url) as session,
    ):
        body = {"user": "U0ANA", "channel": "C0SALES", "text": "<@U0BOLT> hello"}
        async with session.post("local/post", json=body) as answer:
            ts = (await answer.json())["ts"]
        await bot.receive_and_ack()
        await workspace.wait_for(lambda: workspace.acks)
        async with session.get("local/thread", params={"channel": "C0SALES", "ts": ts}) as answer:
            thread = await answer.json()
    assert [message["text"] for message in thread["messages"]] == ["<@U0BOLT> hello"]
    assert [envelope["event"] for envelope in thread["envelopes"]] == ["app_mention", "message"]
    assert [len(envelope["acks"]) for envelope in thread["envelopes"]] == [1, 0]


async def test_a_wrong_gesture_is_refused_with_its_reason() -> None:
    async with Workspace().serving() as workspace, aiohttp.ClientSession(workspace.page_url) as session:
        errors = []
        for path, body in (
            ("local/post", {"user": "U0ANA"}),
            ("local/post", {"user": "U0NOBODY", "channel": "C0SALES", "text": "x"}),
            ("local/click", {"user": "U0ANA", "channel": "C0SALES", "message_ts": "1.1", "action_id": "x"}),
        ):
            async with session.post(path, json=body) as answer:
                assert answer.status == 400
                errors.append((await answer.json())["error"])
    assert errors == ["missing channel", "user_not_found", "message_not_found: C0SALES 1.1"]


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_a_page_from_elsewhere_is_turned_away(headers: dict[str, str]) -> None:
    async with Workspace().serving() as workspace, aiohttp.ClientSession(workspace.page_url) as session:
        body = {"user": "U0ANA", "channel": "C0SALES", "text": "x"}
        async with session.post("local/post", json=body, headers=headers) as answer:
            assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect("local/live", headers=headers)
        assert workspace.messages("C0SALES") == []


async def test_a_form_of_a_foreign_page_is_not_a_gesture() -> None:
    async with (
        Workspace().serving() as workspace,
        aiohttp.ClientSession(workspace.page_url) as session,
        session.post("local/post", data="{}", headers={"Content-Type": "text/plain"}) as answer,
    ):
        assert answer.status == 415


@pytest.mark.parametrize("path", ["page/../room.py", "page/%2e%2e%2froom.py", "page/nothing.js", "page/app.py"])
async def test_only_the_pages_own_files_are_served(path: str) -> None:
    async with (
        Workspace().serving() as workspace,
        aiohttp.ClientSession() as session,
        session.get(URL(f"{workspace.page_url}{path}", encoded=True)) as answer,
    ):
        assert answer.status == 404


async def test_the_page_comes_with_a_policy_that_runs_nothing_foreign() -> None:
    async with (
        Workspace().serving() as workspace,
        aiohttp.ClientSession() as session,
        session.get(workspace.page_url) as answer,
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert answer.content_type == "text/html"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_a_lone_surrogate_is_kept_over_a_restart(tmp_path) -> None:
    state = tmp_path / "slack.json"
    async with Workspace(state_file=state).serving() as workspace:
        await workspace.post("U0ANA", "C0SALES", "half \ud83d a pair")
    async with Workspace(state_file=state).serving() as workspace:
        assert workspace.messages("C0SALES")[0]["text"] == "half \ud83d a pair"


async def test_a_spoilt_state_file_is_set_aside_not_fatal(tmp_path) -> None:
    state = tmp_path / "slack.json"
    state.write_text("{ half a file")
    async with Workspace(state_file=state).serving() as workspace:
        assert workspace.messages("C0SALES") == []
    assert (tmp_path / "slack.spoilt").read_text() == "{ half a file"
