"""What `botctl inbox list` and `turns tail` print of one item."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from agent.turn import Action, Answer, Route
from bot.cli.ages import age_text
from bot.cli.inbox import line_text
from bot.cli.turns import turn_facts, turn_text
from bot.replies import encode_answer
from bot.storage.finished_turns import FinishedTurn
from bot.storage.inbox_desk import InboxLine, State
from tests.inbox_items import turn

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def line(state: State = "waiting", *, text: str = "how many?", error: str | None = None, **other: object) -> InboxLine:
    values: dict[str, object] = {
        "id": 7,
        "key": "message:T1:C1:1.0",
        "conversation": "T1:C1:1.0",
        "kind": "turn",
        "state": state,
        "attempts": 0,
        "failures": 0,
        "put_at": NOON - timedelta(minutes=3, seconds=5),
        "run_after": NOON,
        "finished_at": None,
        "is_overdue": False,
        "error": error,
        "payload": turn("message:T1:C1:1.0", text=text).model_dump_json(),
    } | other
    return InboxLine(**values)  # type: ignore[arg-type]


def finished(**changes: object) -> FinishedTurn:
    values: dict[str, object] = {
        "id": 7,
        "turn_id": "message:T1:C1:1.0",
        "conversation": "T1:C1:1.0",
        "finished_at": NOON,
        "took": timedelta(seconds=4.26),
        "attempts": 1,
        "is_buried": False,
        "error": None,
        "has_reply": True,
        "answer": None,
        "usd": None,
        "bytes_billed": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "jobs": (),
    } | changes
    return FinishedTurn(**values)  # type: ignore[arg-type]


def test_an_item_says_its_state_age_and_key():
    assert line_text(line(), NOON, words=False).split() == [
        "7", "waiting", "turn", "3m", "05s", "message:T1:C1:1.0",
    ]  # fmt: skip


def test_what_failed_says_how_often_and_when_it_is_tried_again():
    told = line_text(line("retrying", failures=2, run_after=NOON + timedelta(seconds=20)), NOON, words=False)
    assert told.endswith("again in 20s  failed 2 times")
    assert line_text(line("running", is_overdue=True), NOON, words=False).endswith("its worker is gone")


def test_words_obey_no_terminal():
    told = line_text(line(text="a\x1b[2Jb\nc\x9b", error="Boom: \x1b]0;x\x07"), NOON, words=True)
    assert told.isprintable()
    assert '"a [2Jb c "' in told


def test_a_turn_tells_what_became_of_it_and_what_it_cost():
    answer = encode_answer(Answer("t", "ko", Route(Action.SQL_GENERATE, 0.9, ""), text="secret words"))
    facts = turn_facts(finished(answer=answer, usd=Decimal("0.25"), bytes_billed=5, jobs=("j1", "j2"), input_tokens=9))
    assert facts == {
        "at": "2026-11-20T12:00:00+00:00",
        "turn": "message:T1:C1:1.0",
        "conversation": "T1:C1:1.0",
        "outcome": "answered",
        "action": "sql_generate",
        "language": "ko",
        "seconds": 4.3,
        "attempts": 1,
        "bytes": 5,
        "usd": 0.25,
        "tokens_in": 9,
        "jobs": ["j1", "j2"],
    }
    assert turn_text(facts).endswith("bytes=5  usd=0.25  tokens_in=9  jobs=j1,j2")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"has_reply": False}, "silent"),
        ({}, "answered"),
        ({"answer": "another version's"}, "answered"),
        ({"is_buried": True, "error": "ModelUnavailable: words"}, "failed"),
        ({"is_buried": True, "error": "dropped by ann"}, "stopped"),
        ({"error": "ModelUnavailable: words (dropped by ann)"}, "failed"),
    ],
)
def test_without_an_answer_the_outcome_is_what_is_known(changes: dict[str, object], outcome: str):
    facts = turn_facts(finished(**changes))
    assert facts["outcome"] == outcome
    assert "words" not in str(facts)


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0s"), (42, "42s"), (200, "3m 20s"), (18_420, "5h 07m"), (1_047_700, "12d 3h")]
)
def test_ages_are_short(seconds: int, text: str):
    assert age_text(timedelta(seconds=seconds)) == text
