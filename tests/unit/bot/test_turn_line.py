"""What an operator reads of a turn."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.notice import Notice
from agent.turn import (
    Action,
    Answer,
    Approve,
    Bill,
    CarryOut,
    Choice,
    Column,
    DecisionWord,
    Preset,
    Route,
    RunSql,
    Table,
    Usage,
)
from bot.inbox.items import StopRequested, TurnRequested
from bot.turn_line import TurnLine

ROUTE = Route(Action.SQL_EXECUTE, 1.0, "people's words come up in here")
ROWS = Table((Column("email", "STRING"),), (("kim@corp.example",),), total_rows=7)


def turn(*, spoken_at: float = 1712.5, preset: Preset | None = None) -> TurnRequested:
    return TurnRequested(
        dedupe_key="message:T1:C1:1712.5",
        conversation="T1:C1:1712.5",
        spoken_at=Decimal(str(spoken_at)),
        team="T1",
        channel="C1",
        thread_ts="1712.5",
        user="U1",
        text="what did kim@corp.example order?",
        surface="channel",
        preset=preset,
    )


def line_of(answer: Answer, item: TurnRequested | None = None) -> Any:
    with capture_logs() as logs:
        TurnLine(item or turn(), 2).answered(answer)
    (line,) = logs
    return line


def test_a_line_says_what_it_was_what_became_of_it_and_what_it_cost():
    line = line_of(
        Answer(
            "message:T1:C1:1712.5",
            "ko",
            ROUTE,
            text="Kim ordered 7 times",
            sql="SELECT email FROM shop.customers WHERE name = 'Kim'",
            table=ROWS,
            bill=Bill(100, 2048, 0.5),
            usage=Usage(3, 1200, 80),
            job_id="bolt_1",
        )
    )
    told = {name: line[name] for name in line.keys() - {"event", "log_level", "waited", "seconds", "answer_seconds"}}
    assert told == {
        "turn": "message:T1:C1:1712.5",
        "conversation": "T1:C1:1712.5",
        "user": "U1",
        "surface": "channel",
        "attempt": 2,
        "action": "sql_execute",
        "outcome": "answered",
        "language": "ko",
        "rows": 7,
        "bytes": 2048,
        "usd": 0.5,
        "job": "bolt_1",
        "is_cached": False,
        "model_calls": 3,
        "tokens_in": 1200,
        "tokens_out": 80,
    }


def test_neither_words_nor_sql_nor_rows_stand_in_it():
    answer = Answer("t", "en", ROUTE, text="Kim ordered", sql="SELECT 'Kim'", table=ROWS, next_questions=("and Kim?",))
    assert "kim" not in str(line_of(answer)).lower()
    assert "words" not in str(line_of(answer))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer("t", "en", None), "silent"),
        (Answer("t", "en", ROUTE, error="ModelUnavailable"), "failed"),
        (Answer("t", "en", ROUTE, decision=DecisionWord.BLOCKED), "refused"),
        (Answer("t", "en", ROUTE, decision=DecisionWord.APPROVAL_REQUIRED, approval_id="a1"), "asked"),
        (Answer("t", "en", ROUTE, choices=(Choice("a", "b"),)), "asked"),
        (Answer("t", "en", ROUTE, notices=(Notice("turn.stopped"),)), "stopped"),
    ],
)
def test_each_end_of_a_turn_has_its_word(answer: Answer, outcome: str):
    assert line_of(answer)["outcome"] == outcome


def test_an_estimate_is_no_price_that_was_paid():
    line = line_of(Answer("t", "en", ROUTE, bill=Bill(bytes_estimated=100, cost_usd=0.5)))
    assert "usd" not in line
    assert "bytes" not in line


def test_the_waits_for_a_worker_the_first_sign_and_the_answer_count_from_what_was_said():
    spoken = datetime.now(UTC).timestamp() - 100
    line = TurnLine(turn(spoken_at=spoken), 1)
    line.sign_shown()
    with capture_logs() as logs:
        line.answered(Answer("t", "en", ROUTE))
    assert logs[0]["waited"] >= 100
    assert logs[0]["first_sign"] >= logs[0]["waited"]
    assert logs[0]["answer_seconds"] >= logs[0]["first_sign"]


@pytest.mark.parametrize(
    ("preset", "approval"), [(Approve("a7"), "a7"), (CarryOut("a7", approved=True), "a7"), (RunSql("SELECT 1"), None)]
)
def test_what_carries_an_approval_names_it_in_every_line(preset: Preset, approval: str | None):
    fields = turn(preset=preset).log_fields
    assert fields.get("approval") == approval
    assert fields["turn"] == fields["item"] == "message:T1:C1:1712.5"
    assert line_of(Answer("t", "en", ROUTE), turn(preset=preset)).get("approval") == approval


def test_an_item_about_a_turn_names_the_turn_beside_itself():
    item = StopRequested(
        dedupe_key="click:1", conversation="control:T1:C1:1", spoken_at=Decimal(1), target="T1:C1:1", user="U1",
        turn_id="message:T1:C1:1",
    )  # fmt: skip
    assert item.log_fields == {"item": "click:1", "conversation": "control:T1:C1:1", "turn": "message:T1:C1:1"}
