"""The workspace's limits: what is refused, and who knocks though they were told to wait."""

import pytest

from bot.local.slack.limits import Limits, PerMinute
from bot.local.slack.shapes import SlackError
from bot.local.slack.workspace import Workspace
from tests.fakes.clock import FakeTime
from tests.local.slack_bench import web_client


def test_a_window_takes_so_many_in_any_minute() -> None:
    time = FakeTime()
    limits = Limits({"m": PerMinute(2)}, clock=time)
    limits.take("m", "C1")
    time.now += 50
    limits.take("m", "C2")
    with pytest.raises(SlackError) as refused:
        limits.take("m", "C3")
    assert refused.value.retry_after == 10
    time.now += 10
    limits.take("m", "C3")
    with pytest.raises(SlackError):
        limits.take("m", "C1")


async def test_a_call_during_retry_after_is_noted() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        workspace.fail_next("chat.update", retry_after=60)
        for _ in range(2):
            with pytest.raises(Exception, match=r"ratelimited|message_not_found"):
                await client.chat_update(channel="C0SALES", ts="1.0", text="x")
        assert [call.is_early for call in workspace.calls_of("chat.update")] == [False, True]
