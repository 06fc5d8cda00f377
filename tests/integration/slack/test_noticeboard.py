"""Notices to the data team on a local workspace."""

from agent.notice import Notice
from bot.slack.noticeboard import SlackNoticeboard
from tests.checked_workspace import CheckedWorkspace
from tests.integration.slack.socket_bench import connected

NOTICE = Notice("board.gave_up", {"reference": "A1B2C3D4"})


async def test_a_notice_stands_in_its_channel_and_a_closed_one_hurts_nobody() -> None:
    async with connected(CheckedWorkspace(echo_bot_messages=False)) as bench:
        await SlackNoticeboard(bench.client, "C0SALES").post(NOTICE)
        await SlackNoticeboard(bench.client, "C0NOWHERE").post(NOTICE)
        await SlackNoticeboard(bench.client, None).post(NOTICE)
        (posted,) = bench.workspace.messages("C0SALES")
        assert "A1B2C3D4" in posted["text"]
        assert [call.error for call in bench.workspace.calls_of("chat.postMessage")] == [None, "channel_not_found"]
