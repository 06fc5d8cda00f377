"""What becomes of a turn that a person stopped."""

from agent.answer_codec import answer_from_plain
from agent.cut_short import cut_short
from agent.state import CheckWork, Message, RouteWork, State, Work
from agent.turn import Action, Actor, Approve, Audience, DecisionWord, StartOver, Turn

SQL = "SELECT COUNT(*) AS n FROM shop.orders"
TURN = Turn("t2", "T:C:1", Actor("U1", "T", "ko-KR"), Audience("channel", "C"), "orders?")
ROUTE = RouteWork(action="sql_generate", confidence=0.9, reason="because", fallback_used=False)
CHECK = CheckWork(sql=SQL, decision="auto_execute", tables=[], bytes_estimated=1, cost_usd=0.0)
BEFORE = Message(id="t1:person", role="person", user="U2", text="hello")


def kept(work: Work, turn_id: str = "t2", **more: object) -> State:
    state = State(turn_id=turn_id, work=work, messages=[BEFORE], last={"sql": "SELECT 1", "is_valid": True})
    return {**state, **more}  # type: ignore[typeddict-item]


def test_the_sql_that_was_priced_is_shown_and_remembered_as_valid():
    cut = cut_short(kept({"route": ROUTE, "candidate_sql": SQL, "check": CHECK}), TURN, "SELECT 2")
    assert (cut.answer.sql, [notice.code for notice in cut.answer.notices]) == (
        SQL,
        ["turn.stopped", "turn.sql_so_far"],
    )
    assert cut.answer.route is not None
    assert cut.answer.route.action is Action.SQL_GENERATE
    assert cut.update.get("last") == {"sql": SQL, "result_id": None, "is_valid": True}
    assert [message["id"] for message in cut.update.get("messages", [])] == ["t1:person", "t2:person", "t2:bot"]
    assert answer_from_plain(cut.update["work"].get("answer", {})) == cut.answer


def test_a_draft_that_nobody_has_checked_is_remembered_as_such():
    cut = cut_short(kept({"route": ROUTE}), TURN, SQL)
    assert cut.update.get("last") == {"sql": SQL, "result_id": None, "is_valid": False}


def test_a_pressed_button_that_is_stopped_is_answered_in_the_language_its_presser_spoke():
    said = Message(id="t1:person", role="person", user="U1", text="注文数は")
    pressed = Turn("t2", "T:C:1", Actor("U1", "T"), TURN.audience, "", preset=Approve("a1"))
    assert cut_short({**kept({}), "messages": [said]}, pressed, None).answer.language == "ja"


def test_without_sql_the_previous_one_is_left_alone():
    cut = cut_short(kept({}), TURN, None)
    assert (cut.answer.sql, "last" in cut.update) == (None, False)
    assert cut.answer.language == "en"


def test_what_another_turn_left_on_its_sheet_is_not_this_ones():
    cut = cut_short(kept({"route": ROUTE, "candidate_sql": SQL}, turn_id="t1"), TURN, None)
    assert (cut.answer.sql, cut.update["turn_id"]) == (None, "t2")


def test_sql_that_policy_refused_is_not_brought_up_again():
    work: Work = {"route": ROUTE, "candidate_sql": SQL, "decision": DecisionWord.BLOCKED.value}
    assert cut_short(kept(work), TURN, None).answer.sql is None


def test_what_was_remembered_already_is_not_said_twice():
    said = Message(id="t2:person", role="person", user="U1", text="orders?")
    cut = cut_short({**kept({"route": ROUTE}), "messages": [BEFORE, said]}, TURN, None)
    assert [message["id"] for message in cut.update.get("messages", [])] == ["t1:person", "t2:person", "t2:bot"]


def test_talk_that_nobody_knows_to_be_for_us_is_neither_answered_nor_remembered():
    turn = Turn("t2", "T:C:1", TURN.actor, TURN.audience, "lunch?", addressed=False)
    cut = cut_short(None, turn, None)
    assert (cut.answer.is_for_us, "messages" in cut.update) == (False, False)
    assert cut_short(kept({"is_relevant": True}), turn, None).answer.is_for_us


def test_starting_over_is_not_remembered():
    turn = Turn("t2", "T:C:1", TURN.actor, TURN.audience, "start over", preset=StartOver())
    assert "messages" not in cut_short(kept({}), turn, None).update
