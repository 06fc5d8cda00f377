"""Buttons, modals and commands: the three-second trigger, the state of a form, what an ack can say."""

import asyncio

import pytest
from slack_sdk.errors import SlackApiError

from bot.local.slack.workspace import Workspace
from tests.local.slack_bench import raw_socket, web_client

BUTTONS = [
    {
        "type": "actions",
        "block_id": "tools",
        "elements": [
            {
                "type": "button",
                "action_id": "show_sql",
                "text": {"type": "plain_text", "text": "Show SQL"},
                "value": "turn-1",
            },
        ],
    }
]
MODAL = {
    "type": "modal",
    "callback_id": "refine",
    "title": {"type": "plain_text", "text": "SQL"},
    "submit": {"type": "plain_text", "text": "Run"},
    "blocks": [
        {
            "type": "input",
            "block_id": "question",
            "label": {"type": "plain_text", "text": "Question"},
            "element": {"type": "plain_text_input", "action_id": "text", "initial_value": "as before"},
        }
    ],
}


async def test_a_pressed_button_tells_where_it_was_and_opens_a_modal() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket, web_client(workspace) as client:
        ts = (await client.chat_postMessage(channel="C0SALES", text="x", blocks=BUTTONS))["ts"]
        await socket.receive_and_ack()
        await workspace.click("U0ANA", ts, "C0SALES", "show_sql")
        frame = await socket.receive_and_ack()
        payload = frame["payload"]
        opened = await client.views_open(trigger_id=payload["trigger_id"], view=MODAL)
        assert workspace.modals("U0ANA")[-1]["id"] == opened["view"]["id"]
        assert workspace.modals("U0MINSU") == []
    assert "retry_attempt" not in frame
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", "U0ANA")
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0SALES",
        "is_ephemeral": False,
    }
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("show_sql", "tools", "turn-1")


async def test_a_trigger_is_good_once_and_for_three_seconds() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        trigger = workspace.room.triggers.issue("U0ANA")
        await client.views_open(trigger_id=trigger, view=MODAL)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=trigger, view=MODAL)
        with pytest.raises(SlackApiError, match="invalid_trigger_id"):
            await client.views_open(trigger_id="1.2.3", view=MODAL)
        workspace.room.triggers.lifetime = 0.0
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await client.views_open(trigger_id=workspace.room.triggers.issue("U0ANA"), view=MODAL)


async def test_a_view_that_has_moved_on_is_not_overwritten() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        opened = await client.views_open(trigger_id=workspace.room.triggers.issue("U0ANA"), view=MODAL)
        view_id, first_hash = opened["view"]["id"], opened["view"]["hash"]
        title = {"type": "plain_text", "text": "Second"}
        updated = await client.views_update(view_id=view_id, hash=first_hash, view=MODAL | {"title": title})
        with pytest.raises(SlackApiError, match="hash_conflict"):
            await client.views_update(view_id=view_id, hash=first_hash, view=MODAL)
        assert workspace.modals("U0ANA")[-1]["title"] == title
    assert updated["view"]["id"] == view_id
    assert updated["view"]["hash"] != first_hash


async def test_a_submission_carries_what_was_typed_and_its_ack_decides_what_happens() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket, web_client(workspace) as client:
        opened = await client.views_open(trigger_id=workspace.room.triggers.issue("U0ANA"), view=MODAL)
        view_id = opened["view"]["id"]
        await workspace.submit("U0ANA", view_id)
        untouched = await socket.receive_and_ack({"response_action": "errors", "errors": {"question": "say more"}})
        assert len(workspace.modals("U0ANA")) == 1
        typed = {"question": {"text": {"type": "plain_text_input", "value": "by month"}}}
        await workspace.submit("U0ANA", view_id, typed)
        filled = await socket.receive_and_ack()
        await workspace.wait_for(lambda: not workspace.modals("U0ANA"))
    assert untouched["payload"]["view"]["state"]["values"]["question"]["text"]["value"] == "as before"
    assert filled["payload"]["view"]["state"]["values"] == typed
    assert filled["accepts_response_payload"]


async def test_a_wrong_view_in_an_ack_fails_for_the_person_and_not_for_the_socket() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket, web_client(workspace) as client:
        opened = await client.views_open(trigger_id=workspace.room.triggers.issue("U0ANA"), view=MODAL)
        await workspace.submit("U0ANA", opened["view"]["id"])
        await socket.receive_and_ack({"response_action": "update", "view": {"type": "hologram"}})
        await workspace.post("U0ANA", "D0ANA", "still here?")
        frame = await socket.receive_and_ack()
        assert len(workspace.modals("U0ANA")) == 1
    assert frame["payload"]["event"]["text"] == "still here?"


async def test_a_command_is_answered_in_its_ack_to_the_asker_alone() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket:
        await workspace.command("U0MINSU", "C0SALES", "/data", "help")
        frame = await socket.receive_and_ack({"text": "busy, try again"})
        await workspace.wait_for(lambda: workspace.whispers("U0MINSU"))
        assert workspace.messages("C0SALES") == []
        assert workspace.whispers("U0ANA") == []
    assert (frame["type"], frame["payload"]["command"], frame["payload"]["text"]) == ("slash_commands", "/data", "help")


async def test_a_command_nobody_acks_tells_its_person_and_is_not_repeated() -> None:
    async with Workspace(ack_timeout=0.05).serving() as workspace, raw_socket(workspace) as socket:
        envelope = await workspace.command("U0ANA", "C0SALES", "/data")
        await socket.receive()
        whisper = (await workspace.wait_for(lambda: workspace.whispers("U0ANA")))[0]
        with pytest.raises(asyncio.TimeoutError):
            await socket.receive(timeout=0.2)
    assert "operation_timeout" in whisper["text"]
    assert len(envelope.deliveries) == 1


async def test_only_members_get_an_ephemeral_message() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        await client.chat_postEphemeral(channel="C0SALES", user="U0AOI", text="just you", blocks=BUTTONS)
        with pytest.raises(SlackApiError, match="user_not_in_channel"):
            await client.chat_postEphemeral(channel="D0ANA", user="U0AOI", text="not there")
        whisper = workspace.whispers("U0AOI")[0]
        envelope = await workspace.click("U0AOI", whisper["ts"], "C0SALES", "show_sql")
    assert envelope.payload["container"]["is_ephemeral"]
    assert "message" not in envelope.payload


async def test_a_response_url_answers_its_gesture() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket, web_client(workspace) as client:
        ts = (await client.chat_postMessage(channel="C0SALES", text="x", blocks=BUTTONS))["ts"]
        await socket.receive_and_ack()
        await workspace.click("U0ANA", ts, "C0SALES", "show_sql")
        url = (await socket.receive_and_ack())["payload"]["response_url"]
        async with client.session.post(url, json={"text": "sorry, that took too long"}) as answer:
            assert answer.status == 200
        assert [whisper["text"] for whisper in workspace.whispers("U0ANA")] == ["sorry, that took too long"]


async def test_a_modal_that_slack_would_refuse_is_refused() -> None:
    long_title = MODAL | {"title": {"type": "plain_text", "text": "x" * 25}}
    no_submit = {name: value for name, value in MODAL.items() if name != "submit"}
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        for view in (long_title, no_submit):
            with pytest.raises(SlackApiError, match="invalid_arguments"):
                await client.views_open(trigger_id=workspace.room.triggers.issue("U0ANA"), view=view)


async def test_slacks_stop_button_ends_the_streams_of_its_session_and_tells_the_app_which() -> None:
    async with Workspace().serving() as workspace, raw_socket(workspace) as socket, web_client(workspace) as client:
        ts = await workspace.post("U0ANA", "D0ANA", "what was revenue?")
        await socket.receive_and_ack()
        stream = (await client.chat_startStream(channel="D0ANA", thread_ts=ts, markdown_text="Reading"))["ts"]
        workspace.gestures.stop_session("U0ANA", "D0ANA", ts)
        told = {}
        while told.get("type") != "agent_session_stopped":
            told = (await socket.receive_and_ack())["payload"]["event"]
        with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
            await client.chat_appendStream(channel="D0ANA", ts=stream, markdown_text=" on")
    assert (told["thread_ts"], told["streaming_message_ts"]) == (ts, [stream])
