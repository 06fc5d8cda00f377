"""The local workspace certified by Slack's Bolt for Python: its Socket Mode handler, acks, say, respond, streams."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.models.messages.chunk import TaskUpdateChunk
from slack_sdk.web.async_client import AsyncWebClient

from bot.local.slack.shapes import Json
from bot.local.slack.workspace import APP_TOKEN, BOT_TOKEN, Workspace

GENERAL, ANA = "C0GENERAL", "U0ANA"


@asynccontextmanager
async def stock_bot(workspace: Workspace) -> AsyncGenerator[AsyncApp]:
    """Bolt as its documentation starts it, with an address more. Listeners may join while it runs."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=BOT_TOKEN, base_url=workspace.api_url, session=session)
        app = AsyncApp(client=client)
        handler = AsyncSocketModeHandler(
            app, APP_TOKEN, web_client=AsyncWebClient(base_url=workspace.api_url, session=session)
        )
        await handler.connect_async()
        await workspace.connected()
        try:
            yield app
        finally:
            await handler.close_async()


def modal(*blocks: Json) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": list(blocks),
    }


def question() -> Json:
    return {
        "type": "input",
        "block_id": "q",
        "label": {"type": "plain_text", "text": "Question"},
        "element": {"type": "plain_text_input", "action_id": "text"},
    }


def button() -> Json:
    text = {"type": "plain_text", "text": "Press"}
    return {"type": "actions", "elements": [{"type": "button", "action_id": "press", "text": text, "value": "v"}]}


async def test_a_mention_is_answered_in_its_thread_and_its_button_is_pressed() -> None:
    async with Workspace().serving() as workspace, stock_bot(workspace) as app:

        @app.event("app_mention")
        async def on_mention(event: dict[str, Any], say: Any) -> None:
            await say(text=f"hello <@{event['user']}>", blocks=[button()], thread_ts=event["ts"])

        @app.action("press")
        async def on_press(ack: Any, body: dict[str, Any], respond: Any) -> None:
            await ack()
            await respond(text=f"pressed {body['actions'][0]['value']}", replace_original=True)

        @app.event("message")
        async def on_message() -> None: ...

        ts = await workspace.post(ANA, GENERAL, "<@U0BOLT> hello")
        answer = (await workspace.wait_for(lambda: workspace.answers(GENERAL, ts)))[0]
        assert answer["text"] == "hello <@U0ANA>"
        click = await workspace.click(ANA, answer["ts"], GENERAL, "press")
        await workspace.wait_for(lambda: workspace.answers(GENERAL, ts)[0]["text"] == "pressed v")
        await workspace.wait_for(lambda: click.acks)
        await workspace.wait_for(lambda: all(envelope.acks for envelope in workspace.envelopes_of(ts)))


async def test_a_command_is_answered_in_its_ack_and_a_modal_is_refused_and_taken_by_its_ack() -> None:
    async with Workspace().serving() as workspace, stock_bot(workspace) as app:

        @app.command("/form")
        async def on_command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack(f"opening {body['text']}")
            await client.views_open(trigger_id=body["trigger_id"], view=modal(question()))

        @app.view("form")
        async def on_submit(ack: Any, view: dict[str, Any]) -> None:
            if view["state"]["values"]["q"]["text"]["value"]:
                await ack()
            else:
                await ack(response_action="errors", errors={"q": "Which one?"})

        await workspace.command(ANA, GENERAL, "/form", "now")
        opened = (await workspace.wait_for(lambda: workspace.modals(ANA)))[0]
        await workspace.wait_for(lambda: [whisper["text"] for whisper in workspace.whispers(ANA)] == ["opening now"])
        refused = await workspace.submit(ANA, opened["id"])
        await workspace.wait_for(lambda: refused.acks)
        assert workspace.modals(ANA) != []
        assert refused.acks[0].payload == {"response_action": "errors", "errors": {"q": "Which one?"}}
        filled = {"q": {"text": {"type": "plain_text_input", "value": "this"}}}
        await workspace.submit(ANA, opened["id"], filled)
        await workspace.wait_for(lambda: not workspace.modals(ANA))


async def test_the_sdks_own_stream_helper_streams_an_answer_with_a_task_card() -> None:
    async with Workspace().serving() as workspace, stock_bot(workspace) as app:
        ts = await workspace.post(ANA, GENERAL, "what is new?")
        stream = await app.client.chat_stream(
            channel=GENERAL, thread_ts=ts, recipient_team_id="T0LOCAL", recipient_user_id=ANA, buffer_size=1
        )
        await stream.append(markdown_text="**Much** is ")
        await stream.append(chunks=[TaskUpdateChunk(id="1", title="Looked", status="complete")])
        await stream.stop(markdown_text="new.")
        streamed = workspace.thread(GENERAL, ts)[-1]
    assert "Much" in str(streamed["blocks"])
    assert "new." in str(streamed["blocks"])
    assert "Looked" in str(streamed["blocks"])


async def test_told_to_go_the_stock_client_comes_back_by_itself_and_hears_what_is_said_then() -> None:
    async with Workspace(linger=0.05).serving() as workspace, stock_bot(workspace) as app:
        heard: list[str] = []

        @app.event("message")
        async def on_message(event: dict[str, Any]) -> None:
            heard.append(event["text"])

        await workspace.post(ANA, "D0ANA", "before")
        await workspace.wait_for(lambda: heard == ["before"])
        await workspace.refresh()
        await workspace.wait_for(lambda: workspace.courier.links.opened == 2 and workspace.sockets == 1, timeout=30)
        await workspace.post(ANA, "D0ANA", "after")
        await workspace.wait_for(lambda: "after" in heard, timeout=30)
