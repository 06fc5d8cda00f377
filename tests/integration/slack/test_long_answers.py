"""A text that no message holds, on a local workspace: cut in the message, whole in a file below it, once."""

from collections.abc import AsyncIterator

import pytest

from agent.turn import Action, Answer, Route
from bot.local.slack.people import BOT_USER
from bot.local.slack.workspace import BOT_TOKEN
from bot.slack.client import PatientClient, open_client
from bot.slack.desk import Desk
from bot.slack.files import SlackFiles
from bot.slack.long_answers import LongAnswers
from bot.slack.messages.message import LONGEST_ANSWER
from bot.slack.presenter import SlackPresenter
from bot.surface import Place
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.replies import FakeReplies

WHOLE = "".join(f"Line {number}: 주문은 여기 있어요.\n" for number in range(800))


class Bench:
    def __init__(self, workspace: CheckedWorkspace, client: PatientClient, thread: str) -> None:
        self.workspace = workspace
        self.thread = thread
        self.replies = FakeReplies()
        self.long_answers = LongAnswers(SlackFiles(client))
        desk = Desk(client, bot_user=BOT_USER)
        self._presenter = SlackPresenter(desk, self.replies, long_answers=self.long_answers)

    async def finish(self, text: str, *, may_exist: bool = False) -> None:
        place = Place(
            "turn-1", f"T0LOCAL:C0GENERAL:{self.thread}", "C0GENERAL", self.thread, "U0ANA", float(self.thread), "ko"
        )
        async with self._presenter.open(place, may_exist=may_exist) as draft:
            await draft.finish(Answer("turn-1", "ko", Route(Action.CHAT_REPLY, 1.0, ""), text=text), None)

    def files(self) -> list[dict]:
        thread = self.workspace.thread("C0GENERAL", self.thread)
        return [file for message in thread for file in message.get("files") or ()]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with CheckedWorkspace().serving() as workspace, open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        thread = await workspace.post("U0ANA", "C0GENERAL", "tell me everything")
        yield Bench(workspace, client, thread)


async def test_what_no_message_holds_is_in_a_file_below_it_however_often_the_turn_is_finished(bench: Bench) -> None:
    assert len(WHOLE) > LONGEST_ANSWER
    await bench.finish(WHOLE)
    await bench.finish(WHOLE, may_exist=True)
    (file,) = bench.files()
    content = bench.workspace.room.files.by_id[file["id"]].content
    assert content is not None
    assert content.decode() == WHOLE
    reply, announced = bench.workspace.answers("C0GENERAL", bench.thread)
    assert "메시지" in str(reply["blocks"][-1])
    assert announced["text"] == "전체 답변을 파일로 올려 드려요."


async def test_the_file_goes_with_its_answer(bench: Bench) -> None:
    await bench.finish(WHOLE)
    (file,) = bench.files()
    reply = await bench.replies.find("turn-1")
    assert reply is not None
    for _ in range(2):
        await bench.long_answers.take_away(reply)
    assert bench.files() == []
    assert bench.workspace.room.files.by_id[file["id"]].content is None
    assert len(bench.workspace.answers("C0GENERAL", bench.thread)) == 1


async def test_what_a_message_holds_has_no_file(bench: Bench) -> None:
    await bench.finish(WHOLE[:LONGEST_ANSWER])
    assert bench.files() == []


async def test_where_slack_takes_no_file_the_answer_stands_all_the_same(bench: Bench) -> None:
    bench.workspace.fail_next("files.getUploadURLExternal", "missing_scope")
    await bench.finish(WHOLE)
    assert bench.files() == []
    (reply,) = bench.workspace.answers("C0GENERAL", bench.thread)
    assert reply["text"].startswith("Line 0")
