"""Buttons on a local workspace: what they put into the inbox, and what a person sees when they cannot."""

from typing import Any

from agent.notice import Notice
from agent.turn import Action, Answer, Route
from bot.inbox.items import (
    DecisionRequested,
    ReceiptRequested,
    RunAgainRequested,
    SqlViewRequested,
    StopRequested,
)
from bot.slack.action_ids import ActionId, block_id
from bot.slack.messages.message import button
from bot.slack.receipts import SlackReceipts
from bot.slack.responses import SlackResponses
from bot.slack.views import SlackSqlViews
from tests.checked_workspace import CheckedWorkspace
from tests.integration.slack.socket_bench import Bench, connected


async def card(bench: Bench, action: ActionId, value: str, channel: str = "C0GENERAL") -> str:
    """A message of ours with one button; gives its ts."""
    blocks: list[dict[str, Any]] = [
        {"type": "actions", "block_id": block_id("answer", "ko"), "elements": [button("ko", action, value)]}
    ]
    posted = await bench.client.chat_postMessage(channel=channel, text="card", blocks=blocks)
    return str(posted["ts"])


async def test_approve_is_decided_beside_the_turns() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.APPROVE, "a7")
        envelope = await bench.workspace.click("U0ANA", ts, "C0GENERAL", "approve")
        await bench.workspace.wait_for(lambda: envelope.acks)
    (item,) = bench.inbox.items
    assert isinstance(item, DecisionRequested)
    assert (item.approve, item.approval_id, item.user) == (True, "a7", "U0ANA")
    assert (item.channel, item.thread_ts) == ("C0GENERAL", ts)


async def test_a_mark_on_a_card_decides_and_taking_it_away_does_not() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.APPROVE, "a7")
        await bench.workspace.react("U0ANA", "C0GENERAL", ts, "white_check_mark")
        await bench.workspace.wait_for(lambda: bench.inbox.items)
        await bench.workspace.react("U0ANA", "C0GENERAL", ts, "white_check_mark", remove=True)
        await bench.workspace.wait_for(lambda: all(envelope.acks for envelope in bench.workspace.envelopes))
    (item,) = bench.inbox.items
    assert isinstance(item, DecisionRequested)
    assert (item.approve, item.card_ts, item.channel) == (True, ts, "C0GENERAL")


async def test_the_stop_button_goes_to_the_control_lane() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.STOP, "turn-1", "D0ANA")
        await bench.workspace.click("U0ANA", ts, "D0ANA", "stop")
        await bench.workspace.wait_for(lambda: bench.inbox.items)
    (item,) = bench.inbox.items
    assert isinstance(item, StopRequested)
    assert (item.target, item.conversation) == ("T0LOCAL:D0ANA", "control:T0LOCAL:D0ANA")


async def test_a_click_that_cannot_be_stored_is_acked_and_the_person_told() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.APPROVE, "a7")
        bench.inbox.failures = 1
        envelope = await bench.workspace.click("U0ANA", ts, "C0GENERAL", "approve")
        await bench.workspace.wait_for(lambda: envelope.acks)
        (whisper,) = bench.workspace.whispers("U0ANA")
    assert "지금 바빠서" in whisper["text"]


async def test_show_sql_opens_at_once_and_is_filled_later() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.SHOW_SQL, "turn-1")
        envelope = await bench.workspace.click("U0ANA", ts, "C0GENERAL", "show_sql")
        await bench.workspace.wait_for(lambda: envelope.acks)
        (modal,) = bench.workspace.modals("U0ANA")
        assert "불러오는 중" in str(modal["blocks"])
        (item,) = bench.inbox.items
        assert isinstance(item, SqlViewRequested)
        assert (item.turn_id, item.view_id) == ("turn-1", modal["id"])
        answer = Answer("turn-1", "en", Route(Action.SQL_EXECUTE, 1, ""), sql="SELECT a < 3 FROM `shop.orders`")
        await SlackSqlViews(bench.client).fill(item.view_id, answer)
        (modal,) = bench.workspace.modals("U0ANA")
        assert "SELECT a &lt; 3\\nFROM `shop.orders`" in str(modal["blocks"])


async def test_a_receipt_opens_at_once_and_is_filled_later() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.RECEIPT, "turn-1")
        envelope = await bench.workspace.click("U0ANA", ts, "C0GENERAL", "receipt")
        await bench.workspace.wait_for(lambda: envelope.acks)
        (modal,) = bench.workspace.modals("U0ANA")
        assert modal["title"]["text"] == "영수증"
        (item,) = bench.inbox.items
        assert isinstance(item, ReceiptRequested)
        assert (item.turn_id, item.view_id, item.language) == ("turn-1", modal["id"], "ko")
        receipts = SlackReceipts(bench.client, SlackResponses(bench.client))
        await receipts.say(item.view_id, Notice("receipt.missing"), "ko")
        (modal,) = bench.workspace.modals("U0ANA")
        assert "영수증이 더 이상 없거나" in str(modal["blocks"])


async def test_run_again_is_asked_where_the_answer_stands() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.RUN_AGAIN, "turn-1")
        envelope = await bench.workspace.click("U0ANA", ts, "C0GENERAL", "run_again")
        await bench.workspace.wait_for(lambda: envelope.acks)
    (item,) = bench.inbox.items
    assert isinstance(item, RunAgainRequested)
    assert (item.turn_id, item.target, item.pressed_on) == ("turn-1", f"T0LOCAL:C0GENERAL:{ts}", ts)


async def test_an_expired_trigger_is_acked_and_said() -> None:
    async with connected(CheckedWorkspace()) as bench:
        ts = await card(bench, ActionId.SHOW_SQL, "turn-1")
        bench.workspace.fail_next("views.open", "expired_trigger_id")
        envelope = await bench.workspace.click("U0ANA", ts, "C0GENERAL", "show_sql")
        await bench.workspace.wait_for(lambda: envelope.acks)
        (whisper,) = bench.workspace.whispers("U0ANA")
    assert "창이 제때 열리지 않았어요" in whisper["text"]
    assert bench.inbox.items == []


async def test_a_modal_that_was_closed_before_it_was_filled_hurts_nobody() -> None:
    async with connected(CheckedWorkspace()) as bench:
        await SlackSqlViews(bench.client).say_missing("V0NOBODY", "en")
        assert [call.error for call in bench.workspace.calls_of("views.update")] == ["not_found"]


async def test_our_own_messages_are_acked_and_ignored() -> None:
    async with connected(CheckedWorkspace()) as bench:
        await card(bench, ActionId.STOP, "<@U0BOLT> hello")
        await bench.workspace.wait_for(lambda: bench.workspace.envelopes and bench.workspace.envelopes[-1].acks)
    assert bench.inbox.items == []
