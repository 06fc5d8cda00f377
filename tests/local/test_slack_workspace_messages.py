"""The workspace's Web API, driven by the genuine slack_sdk client: what is posted is what is read."""

import pytest
from slack_sdk.errors import SlackApiError

from bot.local.slack.limits import Limit
from bot.local.slack.workspace import Workspace
from tests.local.slack_bench import web_client

METADATA = {"event_type": "answer", "event_payload": {"turn": "message:T:C:1"}}


async def test_the_bot_learns_who_it_is() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        me = await client.auth_test()
    assert (me["user_id"], me["bot_id"], me["team_id"]) == ("U0BOLT", "B0BOLT", "T0LOCAL")


@pytest.mark.parametrize(
    ("token", "error"), [("xoxb-wrong", "invalid_auth"), ("", "not_authed"), ("xapp-local", "not_allowed_token_type")]
)
async def test_a_wrong_token_is_refused_by_name(token: str, error: str) -> None:
    async with Workspace().serving() as workspace, web_client(workspace, token) as client:
        with pytest.raises(SlackApiError) as refused:
            await client.auth_test()
    assert refused.value.response["error"] == error


async def test_a_threaded_answer_is_read_back_with_its_metadata_only_when_asked_for() -> None:
    metadata = METADATA
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        ts = await workspace.post("U0ANA", "C0GENERAL", "<@U0BOLT> hello")
        posted = await client.chat_postMessage(channel="C0GENERAL", thread_ts=ts, text="hi", metadata=metadata)
        plain = await client.conversations_replies(channel="C0GENERAL", ts=ts)
        full = await client.conversations_replies(channel="C0GENERAL", ts=ts, include_all_metadata=True)
    root, answer = full["messages"]
    assert (root["reply_count"], root["thread_ts"], root["latest_reply"]) == (1, ts, posted["ts"])
    assert answer["metadata"] == metadata
    assert "metadata" not in plain["messages"][1]


async def test_timestamps_rise_strictly_however_fast_people_post() -> None:
    async with Workspace().serving() as workspace:
        ts = [await workspace.post("U0ANA", "C0SALES", str(number)) for number in range(500)]
    assert sorted(set(ts), key=float) == ts


async def test_an_update_with_text_alone_drops_the_blocks() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*one*"}}]
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        posted = await client.chat_postMessage(channel="C0SALES", text="one", blocks=blocks)
        await client.chat_update(channel="C0SALES", ts=posted["ts"], text="two")
        message = workspace.messages("C0SALES")[0]
    assert message["text"] == "two"
    assert "blocks" not in message
    assert message["edited"]["user"] == "U0BOLT"


async def test_an_update_with_blocks_does_not_show_as_edited() -> None:
    blocks = [{"type": "divider"}]
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        posted = await client.chat_postMessage(channel="C0SALES", text="one", metadata=METADATA)
        await client.chat_update(channel="C0SALES", ts=posted["ts"], text="two", blocks=blocks)
        message = workspace.messages("C0SALES")[0]
    assert "edited" not in message
    assert message["metadata"] == METADATA


async def test_a_number_no_browser_can_read_is_refused() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        with pytest.raises(SlackApiError, match="invalid_json"):
            await client.api_call("chat.postMessage", json={"channel": "C0SALES", "text": "x", "n": float("nan")})


async def test_people_and_the_bot_cannot_change_each_others_posts() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        ts = await workspace.post("U0ANA", "C0SALES", "mine")
        with pytest.raises(SlackApiError, match="cant_update_message"):
            await client.chat_update(channel="C0SALES", ts=ts, text="yours")
        with pytest.raises(SlackApiError, match="cant_delete_message"):
            await client.chat_delete(channel="C0SALES", ts=ts)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0SALES", "text": ""}, "no_text"),
        ({"channel": "C0SALES", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0SALES", "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"channel": "C0SALES", "text": "x", "blocks": [{"type": "hologram"}]}, "invalid_blocks"),
        ({"channel": "C0SALES", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0SALES", "text": "x", "metadata": {"event_type": 5}}, "invalid_metadata_format"),
    ],
)
async def test_a_post_slack_would_refuse_is_refused(arguments: dict[str, object], error: str) -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        with pytest.raises(SlackApiError) as refused:
            await client.api_call("chat.postMessage", json=arguments)
        assert workspace.messages("C0SALES") == []
    assert refused.value.response["error"] == error


async def test_a_post_beyond_the_burst_is_told_how_long_to_wait() -> None:
    limits = {"chat.postMessage": Limit(0.5, burst=2, per_channel=True)}
    async with Workspace(limits=limits).serving() as workspace, web_client(workspace) as client:
        for _ in range(2):
            await client.chat_postMessage(channel="C0SALES", text="fits")
        with pytest.raises(SlackApiError) as limited:
            await client.chat_postMessage(channel="C0SALES", text="too many")
        await client.chat_postMessage(channel="C0GENERAL", text="another channel has its own bucket")
    assert limited.value.response.status_code == 429
    assert limited.value.response["error"] == "ratelimited"
    assert int(limited.value.response.headers["Retry-After"]) in (1, 2)


async def test_a_call_whose_answer_is_lost_has_still_happened() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        workspace.fail_next("chat.postMessage", "internal_error", after=True)
        with pytest.raises(SlackApiError, match="internal_error"):
            await client.chat_postMessage(channel="C0SALES", text="did it")
        workspace.fail_next("chat.postMessage", retry_after=7)
        with pytest.raises(SlackApiError) as limited:
            await client.chat_postMessage(channel="C0SALES", text="did not")
        assert [message["text"] for message in workspace.messages("C0SALES")] == ["did it"]
        assert [call.error for call in workspace.calls_of("chat.postMessage")] == ["internal_error", "ratelimited"]
    assert limited.value.response.headers["Retry-After"] == "7"


async def test_history_is_paged_newest_first() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        for number in range(5):
            await workspace.post("U0ANA", "C0SALES", str(number))
        seen, cursor = [], None
        while cursor != "":
            page = await client.conversations_history(channel="C0SALES", limit=2, cursor=cursor)
            seen += [message["text"] for message in page["messages"]]
            cursor = page["response_metadata"]["next_cursor"]
    assert seen == ["4", "3", "2", "1", "0"]


async def test_people_have_languages_and_the_bot_has_dms_with_them() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        locales = [
            (await client.users_info(user=user, include_locale=True))["user"]["locale"]
            for user in ("U0ANA", "U0MINSU", "U0AOI")
        ]
        opened = await client.conversations_open(users="U0AOI")
        info = await client.conversations_info(channel=opened["channel"]["id"])
        members = await client.conversations_members(channel="C0GENERAL")
    assert locales == ["en-US", "ko-KR", "ja-JP"]
    assert (info["channel"]["is_im"], info["channel"]["user"]) == (True, "U0AOI")
    assert set(members["members"]) == {"U0ANA", "U0MINSU", "U0AOI", "U0BOLT"}


async def test_a_reaction_is_counted_once_per_person() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        ts = await workspace.post("U0ANA", "C0SALES", "look")
        await client.reactions_add(channel="C0SALES", timestamp=ts, name="eyes")
        await workspace.react("U0MINSU", "C0SALES", ts, "eyes")
        with pytest.raises(SlackApiError, match="already_reacted"):
            await client.reactions_add(channel="C0SALES", timestamp=ts, name="eyes")
        got = await client.reactions_get(channel="C0SALES", timestamp=ts)
        await client.reactions_remove(channel="C0SALES", timestamp=ts, name="eyes")
        left = workspace.messages("C0SALES")[0]["reactions"]
    assert got["message"]["reactions"] == [{"name": "eyes", "users": ["U0BOLT", "U0MINSU"], "count": 2}]
    assert left == [{"name": "eyes", "users": ["U0MINSU"], "count": 1}]


async def test_a_stream_grows_and_then_stands_still() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        ts = await workspace.post("U0ANA", "C0SALES", "go")
        where = {"channel": "C0SALES"}
        stream = await client.chat_startStream(
            **where, thread_ts=ts, recipient_user_id="U0ANA", recipient_team_id="T0LOCAL", markdown_text="1"
        )
        task = {"type": "task_update", "id": "t1", "title": "Wrote SQL", "status": "complete"}
        await client.chat_appendStream(**where, ts=stream["ts"], chunks=[task, {"type": "markdown_text", "text": "2"}])
        await client.chat_stopStream(**where, ts=stream["ts"], blocks=[{"type": "divider"}])
        with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
            await client.chat_appendStream(**where, ts=stream["ts"], markdown_text="3")
        answer = workspace.plans("C0SALES", ts)[0]
    assert [block["type"] for block in answer["blocks"]] == ["markdown", "plan", "markdown", "divider"]
    assert answer["text"] == "12"


async def test_the_conversation_is_still_there_after_a_restart(tmp_path) -> None:
    state = tmp_path / "slack.json"
    async with Workspace(state_file=state).serving() as workspace:
        ts = await workspace.post("U0ANA", "C0SALES", "<@U0BOLT> remember me")
    async with Workspace(state_file=state).serving() as workspace, web_client(workspace) as client:
        replies = await client.conversations_replies(channel="C0SALES", ts=ts)
        later = await workspace.post("U0ANA", "C0SALES", "still here?")
        unanswered = [envelope.event["text"] for envelope in workspace.courier.unanswered_events]
    assert replies["messages"][0]["text"] == "<@U0BOLT> remember me"
    assert float(later) > float(ts)
    assert unanswered[:2] == ["<@U0BOLT> remember me"] * 2
