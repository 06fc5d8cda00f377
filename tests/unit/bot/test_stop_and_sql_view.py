"""Stop and Show SQL: small services, no Slack."""

from decimal import Decimal

import pytest

from agent.notice import Notice
from agent.turn import Answer, Language, Member
from bot.inbox.items import SqlViewRequested, StopRequested
from bot.replies import Reply, encode_answer
from bot.sql_view import SqlViewService
from bot.stop import StopService
from tests.fakes.inbox import FakeInbox
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms
from tests.inbox_items import turn


class FakeWhispers:
    def __init__(self) -> None:
        self.said: list[tuple[str, str, str, Language]] = []

    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        self.said.append((channel, user, notice.code, language))


class FakeSign:
    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.stopped: list[tuple[str, str, str, Language]] = []

    async def show_stopped(self, channel: str, ts: str, turn_id: str, language: Language) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("Slack is away")
        self.stopped.append((channel, ts, turn_id, language))


class FakeViews:
    def __init__(self) -> None:
        self.filled: list[tuple[str, str | None]] = []
        self.missing: list[tuple[str, Language]] = []
        self.refused: list[tuple[str, Language]] = []

    async def fill(self, view_id: str, answer: Answer) -> None:
        self.filled.append((view_id, answer.sql))

    async def say_refused(self, view_id: str, language: Language) -> None:
        self.refused.append((view_id, language))

    async def say_missing(self, view_id: str, language: Language) -> None:
        self.missing.append((view_id, language))


def stop(channel: str | None = "C1") -> StopRequested:
    return StopRequested(
        dedupe_key="stop:1",
        conversation="control:T1:C1",
        spoken_at=Decimal(1),
        target="T1:C1",
        user="U1",
        channel=channel,
        language="ja",
    )


async def test_stop_flags_what_runs_and_says_nothing_itself() -> None:
    inbox, whispers = FakeInbox(), FakeWhispers()
    inbox.running.add("T1:C1")
    await StopService(inbox=inbox, whispers=whispers, sign=FakeSign()).run(stop())
    assert inbox.stops == ["T1:C1"]
    assert whispers.said == []


@pytest.mark.parametrize(("channel", "said"), [("C1", [("C1", "U1", "stop.nothing_running", "ja")]), (None, [])])
async def test_stop_with_nothing_to_stop_tells_who_spoke_to_us(channel: str | None, said: list[object]) -> None:
    whispers = FakeWhispers()
    await StopService(inbox=FakeInbox(), whispers=whispers, sign=FakeSign()).run(stop(channel))
    assert whispers.said == said


async def test_in_a_dm_the_thread_is_stopped_first_and_the_dm_only_where_nothing_runs_there() -> None:
    asked = stop(None).model_copy(update={"target": "T1:D1:17.1", "otherwise": "T1:D1"})
    inbox = FakeInbox()
    inbox.running.add("T1:D1:17.1")
    await StopService(inbox=inbox, whispers=FakeWhispers(), sign=FakeSign()).run(asked)
    assert inbox.stops == ["T1:D1:17.1"]
    inbox = FakeInbox()
    inbox.running.add("T1:D1")
    await StopService(inbox=inbox, whispers=FakeWhispers(), sign=FakeSign()).run(asked)
    assert inbox.stops == ["T1:D1:17.1", "T1:D1"]


def stop_in_line(turn_id: str = "q") -> StopRequested:
    return stop().model_copy(update={"turn_id": turn_id, "message_ts": "9.9"})


async def test_a_question_that_waits_is_taken_out_of_the_line_and_what_runs_before_it_goes_on() -> None:
    inbox, whispers, sign = FakeInbox(), FakeWhispers(), FakeSign(failures=1)
    inbox.running.add("T1:C1")
    await inbox.put(turn("q", conversation="T1:C1"))
    service = StopService(inbox=inbox, whispers=whispers, sign=sign)
    with pytest.raises(ConnectionError):
        await service.run(stop_in_line())
    await service.run(stop_in_line())  # as the inbox does after a failure
    assert sign.stopped == [("C1", "9.9", "q", "ja")]
    assert await inbox.claim(8) == []
    assert (inbox.stops, whispers.said) == ([], [])


async def test_a_question_that_was_begun_when_its_sign_was_pressed_is_stopped_as_any_other() -> None:
    inbox, sign = FakeInbox(), FakeSign()
    await inbox.put(turn("q", conversation="T1:C1"))
    await inbox.claim(8)
    await StopService(inbox=inbox, whispers=FakeWhispers(), sign=sign).run(stop_in_line())
    assert (inbox.stops, sign.stopped) == (["T1:C1"], [])


async def test_a_button_takes_no_question_of_another_channel_out_of_the_line() -> None:
    inbox, sign = FakeInbox(), FakeSign()
    await inbox.put(turn("q", conversation="T1:C2").model_copy(update={"channel": "C2"}))
    await StopService(inbox=inbox, whispers=FakeWhispers(), sign=sign).run(stop_in_line())
    assert sign.stopped == []
    assert len(await inbox.claim(8)) == 1


def view(channel: str = "C1", user: str = "U1") -> SqlViewRequested:
    return SqlViewRequested(
        dedupe_key="click:1",
        conversation="control:view:V1",
        spoken_at=Decimal(1),
        view_id="V1",
        turn_id="turn-1",
        user=user,
        channel=channel,
        language="ko",
    )


async def answered(channel: str = "C1", answer: str | None = None) -> tuple[SqlViewService, FakeViews]:
    replies, views = FakeReplies(), FakeViews()
    await replies.keep_place(Reply("turn-1", "T1:C1", channel, None, ts="1.1"))
    await replies.keep_answer("turn-1", answer or encode_answer(Answer("turn-1", "en", None, sql="SELECT 1")))
    return SqlViewService(replies=replies, views=views, rooms=FakeRooms({"C1": (Member("U1"),)})), views


async def test_the_modal_gets_the_sql_of_the_answer() -> None:
    service, views = await answered()
    await service.run(view())
    assert views.filled == [("V1", "SELECT 1")]


async def test_sql_is_not_shown_in_another_channel_than_its_answer() -> None:
    service, views = await answered(channel="D7")
    await service.run(view())
    assert (views.filled, views.missing) == ([], [("V1", "ko")])


@pytest.mark.parametrize("item", [view(user="U9"), view(channel="C2")])
async def test_sql_is_shown_to_nobody_outside_of_the_room(item: SqlViewRequested) -> None:
    service, views = await answered(channel=item.channel)
    await service.run(item)
    assert (views.filled, views.refused) == ([], [("V1", "ko")])


async def test_the_sql_of_a_private_answer_is_the_askers() -> None:
    service, views = await answered(channel="D1")
    await service.run(view("D1"))
    assert views.filled == [("V1", "SELECT 1")]


async def test_an_answer_that_cannot_be_read_any_more_is_said_to_be_gone() -> None:
    service, views = await answered(answer='{"other": 1}')
    await service.run(view())
    assert views.missing == [("V1", "ko")]


async def test_an_unknown_answer_is_said_to_be_gone() -> None:
    views = FakeViews()
    await SqlViewService(replies=FakeReplies(), views=views, rooms=FakeRooms()).run(view())
    assert views.missing == [("V1", "ko")]


async def test_a_modal_that_is_given_up_does_not_load_for_ever() -> None:
    service, views = await answered()
    await service.give_up(view())
    assert views.missing == [("V1", "ko")]
