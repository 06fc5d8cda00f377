"""The message shortcut on a local workspace."""

from typing import Any

from bot.inbox.items import TurnRequested
from tests.checked_workspace import CheckedWorkspace
from tests.integration.slack.socket_bench import Bench, connected


async def chosen(bench: Bench, user: str = "U0MINSU") -> dict[str, Any]:
    """The modal that the shortcut opened on a message of Ana's."""
    ts = await bench.workspace.post("U0ANA", "C0GENERAL", "Revenue fell in March")
    envelope = bench.workspace.gestures.shortcut(user, "C0GENERAL", ts, "ask_about")
    await bench.workspace.wait_for(lambda: envelope.acks)
    return next(iter(bench.workspace.modals(user)), {})


def asked(modal: dict[str, Any], question: str) -> dict[str, Any]:
    return {modal["blocks"][1]["block_id"]: {"question": {"type": "plain_text_input", "value": question}}}


async def test_a_question_about_a_message_is_asked_in_its_thread() -> None:
    async with connected(CheckedWorkspace()) as bench:
        modal = await chosen(bench)
        assert "Revenue fell in March" in str(modal["blocks"])
        assert modal["title"]["text"] == "이 메시지에 대해 질문"
        await bench.workspace.submit("U0MINSU", modal["id"], asked(modal, "왜요?"))
        await bench.workspace.wait_for(lambda: not bench.workspace.modals("U0MINSU"))
    (item,) = bench.inbox.items
    assert isinstance(item, TurnRequested)
    assert item.about is not None
    assert (item.text, item.about.text) == ("왜요?", "Revenue fell in March")


async def test_a_question_that_cannot_be_stored_stays_in_its_modal() -> None:
    async with connected(CheckedWorkspace()) as bench:
        modal = await chosen(bench)
        for failures, question in ((0, "  "), (1, "왜요?")):
            bench.inbox.failures = failures
            envelope = await bench.workspace.submit("U0MINSU", modal["id"], asked(modal, question))
            await bench.workspace.wait_for(lambda envelope=envelope: envelope.acks)
            assert (envelope.acks[0].payload or {})["response_action"] == "errors"
        assert bench.workspace.modals("U0MINSU")
        assert bench.inbox.items == []


async def test_an_expired_shortcut_is_acked_and_said() -> None:
    async with connected(CheckedWorkspace()) as bench:
        bench.workspace.fail_next("views.open", "expired_trigger_id")
        assert await chosen(bench) == {}
        (whisper,) = bench.workspace.whispers("U0MINSU")
    assert "창이 제때 열리지 않았어요" in whisper["text"]
