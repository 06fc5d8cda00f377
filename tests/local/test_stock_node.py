"""The local workspace certified by Slack's clients for Node: @slack/socket-mode and @slack/web-api."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.local.slack.workspace import APP_TOKEN, BOT_TOKEN, Workspace

FOLDER = Path(__file__).parent / "node"
GENERAL, ANA = "C0GENERAL", "U0ANA"
PATIENCE = 30.0
"""Seconds: node starts slowly on a busy machine."""

pytestmark = [
    pytest.mark.extra("node"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules").is_dir() and not os.environ.get("DATA_BOLT_EXTRA"),
        reason="Slack's packages for Node are not installed; `make test-extra` installs them",
    ),
]


@asynccontextmanager
async def node_bot(workspace: Workspace) -> AsyncGenerator[list[dict[str, Any]]]:
    """The bot of node/bot.js, connected; what it has heard so far."""
    heard: list[dict[str, Any]] = []
    process = await asyncio.create_subprocess_exec(
        "node",
        "bot.js",
        workspace.api_url,
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_BOT_TOKEN": BOT_TOKEN},
    )
    assert process.stdin
    assert process.stdout

    async def listen(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            if line.startswith(b"{"):  # the library logs there too
                heard.append(json.loads(line))
                workspace.wake()

    listening = asyncio.create_task(listen(process.stdout), name="node-bot-listening")
    try:
        await workspace.connected(PATIENCE)
        yield heard
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), PATIENCE)
        await listening


async def test_slacks_own_clients_for_node_find_the_workspace_to_be_slack() -> None:
    async with Workspace(linger=0.2).serving() as workspace, node_bot(workspace) as heard:
        # A mention, acknowledged, answered in its thread with a button, a stream and a file.
        ts = await workspace.post(ANA, GENERAL, "<@U0BOLT> hello")
        thread = await workspace.wait_for(
            lambda: found if len(found := workspace.thread(GENERAL, ts)) == 4 else None, PATIENCE
        )
        posted, streamed, shared = thread[1:]
        assert posted["text"] == "hello"
        assert "streamed" in str(streamed)
        assert "to its end" in str(streamed)
        assert [file["name"] for file in shared["files"]] == ["rows.csv"]
        mention = {"heard": "app_mention", "text": "<@U0BOLT> hello", "retry": 0}
        await workspace.wait_for(lambda: mention in heard, PATIENCE)
        await workspace.wait_for(lambda: all(envelope.acks for envelope in workspace.envelopes_of(ts)), PATIENCE)

        # A press, a command answered in its ack, a modal refused and then taken by its ack.
        await workspace.click(ANA, posted["ts"], GENERAL, "press")
        await workspace.wait_for(lambda: {"heard": "v"} in heard, PATIENCE)
        await workspace.command(ANA, GENERAL, "/form", "now")
        opened = (await workspace.wait_for(lambda: workspace.modals(ANA), PATIENCE))[0]
        await workspace.wait_for(lambda: [w["text"] for w in workspace.whispers(ANA)] == ["opening now"], PATIENCE)
        refused = await workspace.submit(ANA, opened["id"])
        await workspace.wait_for(lambda: refused.acks, PATIENCE)
        assert workspace.modals(ANA) != []
        await workspace.submit(ANA, opened["id"], {"q": {"text": {"type": "plain_text_input", "value": "this"}}})
        await workspace.wait_for(lambda: not workspace.modals(ANA), PATIENCE)

        # Told to go it comes back by itself, and hears what is said then.
        sockets = workspace.courier.links.opened
        await workspace.refresh()
        await workspace.wait_for(lambda: workspace.courier.links.opened > sockets, PATIENCE)
        await workspace.post(ANA, "D0ANA", "after")
        await workspace.wait_for(lambda: {"heard": "message", "text": "after"} in heard, PATIENCE)
        assert workspace.courier.unknown_acks == []
