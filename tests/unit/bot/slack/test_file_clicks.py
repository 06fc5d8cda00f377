from decimal import Decimal

import pytest

from agent.turn import Action, Answer, Column, Route, Table
from bot.inbox.items import control_lane, file_lane
from bot.slack.action_ids import ActionId
from bot.slack.fields import ParseError
from bot.slack.file_clicks import file_from_click, stop_file_from_click
from bot.slack.messages.files import file_buttons


def body(action: ActionId, value: str) -> dict[str, object]:
    return {
        "actions": [{"action_id": action.value, "value": value, "block_id": "answer:ja", "action_ts": "5.0"}],
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "user": {"id": "U1"},
        "message": {"ts": "2.0", "thread_ts": "1.0"},
        "trigger_id": "trigger",
    }


@pytest.mark.parametrize(("action", "kind"), [(ActionId.CSV_FILE, "csv"), (ActionId.XLSX_FILE, "xlsx")])
def test_a_press_asks_for_the_file_of_its_answer_in_a_lane_of_the_file(action: ActionId, kind: str) -> None:
    item = file_from_click(body(action, "turn-1"), Decimal(7))
    assert (item.turn_id, item.format, item.channel, item.thread_ts) == ("turn-1", kind, "C1", "1.0")
    assert (item.user, item.language, item.conversation) == ("U1", "ja", file_lane("turn-1", kind))
    assert item.dedupe_key == "click:trigger:5.0"


def test_stop_stops_the_file_and_nothing_but_files() -> None:
    lane = file_lane("turn-1", "csv")
    assert stop_file_from_click(body(ActionId.STOP_FILE, lane), Decimal(7)).target == lane
    for foreign in ("T1:C1:1.0", control_lane("T1:C1:1.0")):
        with pytest.raises(ParseError):
            stop_file_from_click(body(ActionId.STOP_FILE, foreign), Decimal(7))


@pytest.mark.parametrize(
    ("rows", "result_id", "buttons"),
    [(2, "r1", ["csv_file", "xlsx_file"]), (1, "r1", []), (0, "r1", []), (2, None, [])],
)
def test_an_answer_of_more_than_one_row_offers_files(rows: int, result_id: str | None, buttons: list[str]) -> None:
    table = Table((Column("n", "INT64"),), tuple((n,) for n in range(rows)), rows)
    answer = Answer("t1", "en", Route(Action.SQL_GENERATE, 1, ""), table=table, result_id=result_id)
    assert [button["action_id"] for button in file_buttons(answer)] == buttons
