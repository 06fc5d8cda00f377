"""Refine: from the press to the modal, from the modal to the turn; what was not touched is not meant."""

from decimal import Decimal
from typing import Any

import pytest

from agent.notice import Notice
from agent.turn import Answer, Language, Member, RunSql
from bot.i18n.catalogue import LANGUAGES
from bot.inbox.items import RefineRequested, control_lane
from bot.refine import RefineService
from bot.replies import Reply, encode_answer
from bot.shown_answer import ShownAnswers
from bot.slack.fields import ParseError
from bot.slack.modals.refine import RefineSpot, loading_refine, refine_view, refinement_in
from bot.slack.refinements import refine_from_click, turn_from_refinement
from tests.fakes.block_kit import check_modal
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms

NOW = Decimal(1800)
SPOT = RefineSpot("T1:C1:1.0", "C1", "1.0")
SQL = "SELECT a FROM t WHERE b > 1"
ANSWER = Answer("t1", "ko", None, text="Orders", sql=SQL)


def submitted(question: str | None = "Orders", sql: str | None = None, answer: Answer = ANSWER) -> dict[str, Any]:
    shown = refine_view(answer, SPOT)
    inputs = {block["element"]["action_id"]: block for block in shown["blocks"] if block["type"] == "input"}
    typed = {"question": question, "sql": inputs["sql"]["element"]["initial_value"] if sql is None else sql}
    values = {block["block_id"]: {name: {"value": typed[name]}} for name, block in inputs.items()}
    view = {**shown, "id": "V1", "hash": "h", "state": {"values": values}}
    return {"team": {"id": "T1"}, "user": {"id": "U1"}, "view": view}


def test_edited_sql_runs_in_the_thread_and_the_reply_says_who_asked() -> None:
    turn = turn_from_refinement(submitted("Orders of b", "SELECT 2"), NOW)
    assert turn.preset == RunSql("SELECT 2", title="Orders of b")
    assert (turn.conversation, turn.channel, turn.thread_ts) == ("T1:C1:1.0", "C1", "1.0")
    assert (turn.text, turn.user, turn.unseen, turn.dedupe_key) == ("Orders of b", "U1", True, "submit:V1:h")


def test_an_edited_question_is_asked_and_its_old_sql_is_not_run() -> None:
    turn = turn_from_refinement(submitted("Orders of last week"), NOW)
    assert (turn.text, turn.preset) == ("Orders of last week", None)


@pytest.mark.parametrize("question", ["Orders", " Orders\r\n", None, ""])
def test_what_was_not_changed_is_not_submitted(question: str | None) -> None:
    assert not refinement_in(submitted(question)["view"]).is_changed


def test_emptied_sql_is_no_edit() -> None:
    assert turn_from_refinement(submitted("Other", ""), NOW).preset is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sql", [SQL, "SELECT " + "x, " * 5000, "\n", "SELECT '" + "&<" * 1000 + "'"])
def test_the_modal_is_what_slack_takes(language: Language, sql: str) -> None:
    view = refine_view(Answer("t1", language, None, text="x" * 9000, sql=sql), SPOT)
    check_modal(view)
    check_modal(loading_refine(language))
    assert len(view["private_metadata"]) < 3000


@pytest.mark.parametrize("metadata", ["", "{}", "[]", '["c", "C", "1.0"]', '["c", 5, "", "a", "b"]', None])
def test_a_modal_that_is_none_of_ours_is_refused(metadata: str | None) -> None:
    body = submitted()
    body["view"]["private_metadata"] = metadata
    with pytest.raises(ParseError):
        turn_from_refinement(body, NOW)


def test_the_press_names_the_answer_and_its_conversation() -> None:
    action = {"action_id": "refine", "value": "t1", "block_id": "answer:ko", "action_ts": "5.0"}
    message = {"ts": "2.0", "thread_ts": "1.0"}
    ids = {"team": {"id": "T1"}, "channel": {"id": "C1"}, "user": {"id": "U1"}}
    item = refine_from_click({"actions": [action], "message": message, "trigger_id": "trigger", **ids}, "V1", NOW)
    assert (item.target, item.conversation) == ("T1:C1:1.0", control_lane("view:V1"))
    assert (item.turn_id, item.channel, item.thread_ts, item.language) == ("t1", "C1", "1.0", "ko")


class FakeViews:
    def __init__(self) -> None:
        self.filled: list[Answer] = []
        self.said: list[str] = []

    async def fill(self, item: RefineRequested, answer: Answer) -> None:
        self.filled.append(answer)

    async def say(self, view_id: str, notice: Notice, language: Language) -> None:
        self.said.append(notice.code)


@pytest.mark.parametrize(
    ("user", "turn", "said"),
    [("U1", "t1", []), ("U9", "t1", ["modal.sql_refused"]), ("U1", "t9", ["modal.sql_missing"])],
)
async def test_the_modal_is_filled_for_people_of_the_room_only(user: str, turn: str, said: list[str]) -> None:
    replies, views = FakeReplies(), FakeViews()
    await replies.keep_place(Reply("t1", "T1:C1:1.0", "C1", "1.0", ts="2.0"))
    await replies.keep_answer("t1", encode_answer(ANSWER))
    service = RefineService(shown=ShownAnswers(replies=replies, rooms=FakeRooms({"C1": (Member("U1"),)})), views=views)
    common = {"dedupe_key": "k", "conversation": "c", "spoken_at": NOW, "view_id": "V1", "target": "c"}
    await service.run(RefineRequested(**common, turn_id=turn, channel="C1", thread_ts=None, user=user))
    assert views.said == said
    assert views.filled == ([] if said else [ANSWER])
