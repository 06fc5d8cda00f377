"""What the bot learns from Slack before a turn: the asker's locale, and what a thread said before the question."""

from agent.turn import Language, Said
from bot.local.slack.people import BOT_USER
from bot.local.slack.workspace import BOT_TOKEN
from bot.slack.client import open_client
from bot.slack.identity import ask_identity
from bot.slack.people import DOUBTED_SECONDS, SlackPeople
from bot.slack.threads import SlackThreads
from bot.slack.whispers import SlackWhispers
from bot.surface import Person
from tests.checked_workspace import CheckedWorkspace


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_person_is_asked_for_once_in_ten_minutes() -> None:
    workspace, clock = CheckedWorkspace(), FakeClock()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        people = SlackPeople(client, await ask_identity(client), clock=clock)
        assert await people.find("U0MINSU") == Person("ko-KR", "Asia/Seoul")
        clock.now = 599
        await people.find("U0MINSU")
        assert len(workspace.calls_of("users.info")) == 1
        clock.now = 601
        await people.find("U0MINSU")
        assert len(workspace.calls_of("users.info")) == 2


async def test_somebody_slack_does_not_tell_about_is_a_default_person_for_a_while() -> None:
    workspace, clock = CheckedWorkspace(), FakeClock()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        people = SlackPeople(client, await ask_identity(client), clock=clock)
        workspace.fail_next("users.info", "user_not_found", times=1)
        assert await people.find("U0AOI") == Person()
        assert await people.find("U0AOI") == Person()
        clock.now = DOUBTED_SECONDS + 1
        assert await people.find("U0AOI") == Person("ja-JP", "Asia/Tokyo")


async def test_a_question_in_the_middle_of_a_thread_brings_what_was_said_since_our_reply() -> None:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        root = await workspace.post("U0ANA", "C0SALES", "known to us")
        await client.chat_postMessage(channel="C0SALES", thread_ts=root, text="our reply")
        await workspace.post("U0MINSU", "C0SALES", "a &lt; b", root)
        await workspace.post("U0ANA", "C0SALES", "yes, since March", root)
        ts = await workspace.post("U0ANA", "C0SALES", "<@U0BOLT> why?", root)
        await workspace.post("U0ANA", "C0SALES", "later words", root)
        threads = SlackThreads(client, bot_user=BOT_USER)
        assert await threads.earlier("C0SALES", root, ts) == (
            Said("U0MINSU", "a < b"),
            Said("U0ANA", "yes, since March"),
        )


async def test_the_first_message_of_a_thread_asks_slack_for_nothing() -> None:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        root = await workspace.post("U0ANA", "C0SALES", "<@U0BOLT> hi")
        assert await SlackThreads(client, bot_user=BOT_USER).earlier("C0SALES", root, root) == ()
        assert workspace.calls_of("conversations.replies") == []


async def test_a_thread_that_cannot_be_read_is_no_reason_not_to_answer() -> None:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        workspace.fail_next("conversations.replies", "missing_scope")
        assert await SlackThreads(client, bot_user=BOT_USER).earlier("C0SALES", "1.0", "2.0") == ()


async def test_a_whisper_that_is_lost_is_lost_quietly() -> None:
    from agent.notice import Notice

    language: Language = "en"
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        workspace.fail_next("chat.postEphemeral", "user_not_in_channel")
        await SlackWhispers(client).whisper("C0SALES", "U0ANA", Notice("turn.busy"), language)
        assert workspace.whispers("U0ANA") == []
