"""Slash commands on a local workspace: what their acks show, and what is said where nothing can be taken."""

from bot.inbox.items import BudgetAsked, CommandSpoken, LongTaskRequested
from tests.checked_workspace import CheckedWorkspace
from tests.integration.slack.socket_bench import Bench, connected


async def given(bench: Bench, user: str, command: str, text: str = "", channel: str = "C0GENERAL") -> str:
    """The text of the command's ack; empty for one that shows nothing."""
    envelope = await bench.workspace.command(user, channel, command, text)
    await bench.workspace.wait_for(lambda: envelope.acks)
    return str((envelope.acks[0].payload or {}).get("text", ""))


async def test_each_command_is_acked_in_the_language_of_who_gave_it() -> None:
    async with connected(CheckedWorkspace()) as bench:
        assert "안녕하세요" in await given(bench, "U0MINSU", "/hello")
        assert "`/data budget`" in await given(bench, "U0ANA", "/data")
        assert "この一覧" in await given(bench, "U0AOI", "/data", "help")
        assert "I do not know this command" in await given(bench, "U0ANA", "/data", "budgt")
        assert "Write your question behind it" in await given(bench, "U0ANA", "/data", "ask")
        assert "every mention outside of a thread" in await given(bench, "U0ANA", "/data", "new")
        assert bench.inbox.items == []
        assert len(bench.workspace.whispers("U0ANA")) == 4


async def test_what_takes_longer_is_stored_before_the_ack() -> None:
    async with connected(CheckedWorkspace()) as bench:
        assert await given(bench, "U0ANA", "/data", "ask how many orders?") == ""
        assert await given(bench, "U0ANA", "/data", "budget") == ""
        assert await given(bench, "U0ANA", "/data", "new", "D0ANA") == ""
        assert "a task of 3 seconds" in await given(bench, "U0ANA", "/longtask", "3")
    kinds = [type(item) for item in bench.inbox.items]
    assert kinds == [CommandSpoken, BudgetAsked, CommandSpoken, LongTaskRequested]


async def test_a_command_that_cannot_be_stored_is_said_to_be_lost_in_its_ack() -> None:
    async with connected(CheckedWorkspace()) as bench:
        bench.inbox.failures = 1
        assert "지금 바빠서" in await given(bench, "U0MINSU", "/data", "ask 몇 건?")
        assert bench.inbox.items == []


async def test_a_slow_look_at_who_asks_does_not_make_the_ack_late() -> None:
    async with connected(CheckedWorkspace()) as bench:
        bench.workspace.fail_next("users.info", delay=5.0)
        assert "Hello" in await given(bench, "U0MINSU", "/hello")
