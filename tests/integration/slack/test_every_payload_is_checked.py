"""The workspace of the suites fails where a payload of ours is not as Slack wants it, whichever way it went."""

from typing import Any

import pytest

from bot.local.slack.workspace import BOT_TOKEN
from bot.slack.client import open_client
from tests.checked_workspace import CheckedWorkspace

SECTION: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "words"}}
NAMELESS: dict[str, Any] = {"type": "button", "text": {"type": "plain_text", "text": "Press"}, "value": "v"}
ACTIONS: dict[str, Any] = {"type": "actions", "block_id": "b", "elements": [NAMELESS]}
LONG_TASK = {"type": "task_update", "id": "t1", "title": "x" * 251, "status": "complete"}


async def send(method: str, **arguments: Any) -> None:
    async with CheckedWorkspace().serving() as workspace, open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        if method == "chat.startStream":
            arguments["thread_ts"] = await workspace.post("U0ANA", "D0ANA", "hello")
        await client.try_now(method, json=arguments)
        assert workspace.checked == 1


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("chat.postMessage", {"channel": "C0GENERAL", "text": "x" * 4000}),
        ("chat.postMessage", {"channel": "C0GENERAL", "blocks": [SECTION]}),
        ("chat.postMessage", {"channel": "C0GENERAL", "text": "x", "blocks": [ACTIONS]}),
        ("chat.postEphemeral", {"channel": "C0GENERAL", "user": "U0ANA", "text": "", "blocks": [SECTION]}),
        (
            "views.publish",
            {"user_id": "U0ANA", "view": {"type": "home", "private_metadata": "", "blocks": [{"type": "divider"}]}},
        ),
    ],
)
async def test_what_slack_or_a_screen_reader_would_not_take_fails_the_test(method: str, arguments: dict[str, Any]):
    with pytest.raises(AssertionError, match=method):
        await send(method, **arguments)


async def test_a_task_card_that_is_too_long_fails_the_test():
    with pytest.raises(AssertionError, match=r"chat\.startStream"):
        await send("chat.startStream", channel="D0ANA", chunks=[LONG_TASK])


async def test_what_is_as_it_should_be_passes():
    await send("chat.postMessage", channel="C0GENERAL", text="words", blocks=[SECTION])
