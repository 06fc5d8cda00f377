"""Direct messages with the fuller answer, on a workspace that loses answers, refuses and forgets."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from agent.turn import Answer
from bot.asides import AsideService
from bot.local.slack.people import BOT_USER
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.slack.client import open_client
from bot.slack.desk import Desk
from bot.slack.direct import SlackDirectMessages
from bot.slack.files import SlackFiles
from bot.slack.long_answers import LongAnswers
from bot.surface import Place
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.replies import FakeReplies

FULLER = Answer("turn-1", "en", None, text="Jane bought 12")
ANSWER = Answer("turn-1", "en", None, text="Somebody bought 12", fuller=FULLER)


@dataclass(frozen=True)
class Bench:
    workspace: Workspace
    replies: FakeReplies
    asides: AsideService
    place: Place

    async def deliver(self, answer: Answer = ANSWER) -> str:
        (notice,) = (await self.asides.deliver(self.place, answer)).notices
        return notice.code

    def read(self) -> list[str]:
        return [str(message["text"]) for message in self.workspace.messages("D0ANA")]


async def _at_once(_: float) -> None:
    return


@asynccontextmanager
async def bench() -> AsyncGenerator[Bench]:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        client._pause = _at_once
        ts = await workspace.post("U0ANA", "C0AGENCY", "who bought most?")
        place = Place("turn-1", f"T0LOCAL:C0AGENCY:{ts}", "C0AGENCY", ts, "U0ANA", float(ts), "en")
        replies = FakeReplies()
        desk, files = Desk(client, bot_user=BOT_USER, sleep=_at_once), LongAnswers(SlackFiles(client))
        direct = SlackDirectMessages(client, desk, long_answers=files)
        yield Bench(workspace, replies, AsideService(replies=replies, direct=direct), place)


async def test_it_is_one_message_with_the_answer_and_the_way_back() -> None:
    async with bench() as b:
        assert [await b.deliver() for _ in range(2)] == ["private.sent"] * 2
        (text,) = b.read()
        assert "Jane bought 12" in text
        assert f"#C0AGENCY/{b.place.thread_ts}" in text


async def test_a_post_whose_answer_was_lost_is_not_sent_again() -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.postMessage", "internal_error", status=500, after=True)
        assert await b.deliver() == "private.sent"
        assert len(b.read()) == 1


async def test_a_crash_after_the_post_leaves_one_message_for_the_next_attempt_to_find() -> None:
    async with bench() as b:
        await b.deliver()
        (row,) = b.replies.rows.values()
        b.replies.rows.clear()
        await b.replies.keep_place(type(row)(row.turn_id, row.conversation, row.channel, None))
        assert await b.deliver() == "private.sent"
        assert len(b.read()) == 1


@pytest.mark.parametrize(
    ("method", "error"), [("conversations.open", "user_disabled"), ("chat.postMessage", "messages_tab_disabled")]
)
async def test_what_slack_refuses_is_said_and_sent_nowhere(method: str, error: str) -> None:
    async with bench() as b:
        b.workspace.fail_next(method, error)
        assert await b.deliver() == "private.refused"
        assert b.read() == []
        assert b.workspace.answers("C0AGENCY", b.place.thread_ts or "") == []


async def test_without_an_address_of_the_thread_the_answer_comes_all_the_same() -> None:
    async with bench() as b:
        b.workspace.fail_next("chat.getPermalink", "message_not_found")
        assert await b.deliver() == "private.sent"
        assert "Jane bought 12" in b.read()[0]


async def test_what_no_message_holds_is_filed_below_it_and_nowhere_else() -> None:
    long = replace(ANSWER, fuller=replace(FULLER, text="Jane bought 12. " * 1000))
    async with bench() as b:
        assert [await b.deliver(long) for _ in range(2)] == ["private.sent"] * 2
        said = [m for channel in ("D0ANA", "C0AGENCY") for m in b.workspace.messages(channel)]
        assert [m["text"] for m in said if m.get("files")] == ["The whole answer, as a file."]
        assert [m for m in b.workspace.messages("D0ANA") if m.get("files")]
