"""The app's own places on the page in a real browser: Home, the agent's offers and session, commands, shortcuts."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.local.slack.workspace import Workspace
from tests.chromium import Page, open_page
from tests.local.slack_bench import RawSocket, raw_socket, web_client

pytestmark = pytest.mark.extra("chromium")

FEATURES = {
    "slash_commands": [
        {"command": "/data", "description": "Ask about the data", "usage_hint": "ask <question> | help"},
        {"command": "/hello", "description": "Is it there?"},
    ],
    "shortcuts": [{"name": "Ask about this", "type": "message", "callback_id": "ask_about", "description": "Ask"}],
}


async def heard(bot: RawSocket, kind: str) -> dict[str, Any]:
    """The next event or payload of *kind*; others are acknowledged and passed over."""
    while True:
        payload = (await bot.receive_and_ack())["payload"]
        told = payload.get("event", payload)
        if kind in (told.get("type"), told.get("command")):
            return told


@asynccontextmanager
async def a_page() -> AsyncGenerator[tuple[Workspace, RawSocket, AsyncWebClient, Page]]:
    workspace = Workspace()
    workspace.features = FEATURES
    async with (
        workspace.serving(),
        raw_socket(workspace) as bot,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        yield workspace, bot, client, page
        assert page.errors == []


async def test_who_opens_the_app_is_offered_questions_and_finds_its_home() -> None:
    async with a_page() as (_, bot, client, page):
        await page.click("[data-channel=D0ANA]")
        assert (await heard(bot, "app_home_opened"))["tab"] == "messages"
        prompts = [{"title": "Revenue by month", "message": "What was revenue by month in 2025?"}]
        offer = {"channel_id": "D0ANA", "title": "Ask me", "prompts": prompts}
        await client.api_call("assistant.threads.setSuggestedPrompts", json=offer)
        await page.click(".prompts button", text="Revenue by month")
        assert (await heard(bot, "message"))["text"] == "What was revenue by month in 2025?"

        await page.click("[data-tab=home]")
        assert (await heard(bot, "app_home_opened"))["tab"] == "home"
        text = {"type": "plain_text", "text": "Settings"}
        button = {"type": "button", "action_id": "settings", "text": text, "value": "v"}
        view = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}
        await client.views_publish(user_id="U0ANA", view=view)
        await page.click(".home button", text="Settings")
        press = await heard(bot, "block_actions")
        assert (press["view"]["type"], press["actions"][0]["action_id"]) == ("home", "settings")
        await page.click("[data-tab=messages]")
        await page.wait_for("document.querySelector('.home').hidden")


async def test_a_session_has_a_title_and_is_stopped_by_its_button() -> None:
    async with a_page() as (workspace, bot, client, page):
        await page.click("[data-channel=D0ANA]")
        ts = await workspace.post("U0ANA", "D0ANA", "What was revenue?")
        await client.chat_postMessage(channel="D0ANA", thread_ts=ts, text="working")
        session = {"channel_id": "D0ANA", "thread_ts": ts, "title": "Revenue in 2025"}
        await client.api_call("agents.sessions.setStatus", json=session | {"status": "processing"})
        await page.click(".thread-foot")
        await page.wait_for_text("Revenue in 2025", "aside")
        await page.click("aside .stop-session")
        stopped = await heard(bot, "agent_session_stopped")
        assert (stopped["channel"], stopped["thread_ts"], stopped["user"]) == ("D0ANA", ts, "U0ANA")
        await client.api_call("agents.sessions.setStatus", json=session | {"status": "active"})
        await page.wait_for("document.querySelector('aside .stop-session').hidden")


async def test_commands_are_offered_while_they_are_typed_and_shortcuts_and_reactions_in_a_message_s_menus() -> None:
    async with a_page() as (workspace, bot, _, page):
        await page.type("main [data-composer]", "/da")
        await page.wait_for_text("ask <question> | help", ".names")
        assert "/hello" not in await page.text(".names")
        await page.press("Tab")
        await page.type("main [data-composer]", "help", enter=True)
        command = await heard(bot, "/data")
        assert (command["text"], command["channel_id"]) == ("help", "C0GENERAL")

        ts = await workspace.post("U0MINSU", "C0GENERAL", "Revenue fell in May.")
        open_menu = "document.querySelector('main .message [aria-label=\"{}\"]').click()"
        await page.wait_for_text("Revenue fell", "main")
        await page.evaluate(open_menu.format("More actions"))
        await page.click("[data-shortcut=ask_about]")
        shortcut = await heard(bot, "message_action")
        assert (shortcut["callback_id"], shortcut["message"]["ts"]) == ("ask_about", ts)
        await page.wait_for("!document.querySelector(':popover-open')")

        await page.evaluate(open_menu.format("Find another reaction"))
        await page.click(":popover-open [title=':wastebasket:']")
        reaction = await heard(bot, "reaction_added")
        assert (reaction["reaction"], reaction["item"]["ts"]) == ("wastebasket", ts)
