"""What `simulate --json` tells of an answer beside its numbers."""

import json

from agent.answer_codec import answer_from_plain, answer_to_plain
from agent.turn import Action, Answer, Choice, Route
from bot.cli.report import Simulated, as_json

ASKED = Answer(
    "t1",
    "ko",
    Route(Action.CHAT_REPLY, 0.9, "ambiguous"),
    text="어떤 주문인가요?",
    assumptions=("취소된 주문은 제외했습니다.",),
    next_questions=("국가별로는?", "월별로는?"),
    choices=(Choice("완료", "완료된 주문은 몇 건인가요?"), Choice("전체", "전체 주문은 몇 건인가요?")),
)


def told(answer: Answer | None) -> dict[str, object]:
    return json.loads(json.dumps(as_json(Simulated(answer, (), "C1", None, 0.1))))


def test_choices_assumptions_and_next_questions_are_told():
    said = told(ASKED)
    assert said["choices"] == [
        {"label": "완료", "text": "완료된 주문은 몇 건인가요?"},
        {"label": "전체", "text": "전체 주문은 몇 건인가요?"},
    ]
    assert said["assumptions"] == ["취소된 주문은 제외했습니다."]
    assert said["next_questions"] == ["국가별로는?", "월별로는?"]


def test_where_nothing_was_said_they_are_empty():
    said = told(None)
    assert (said["choices"], said["assumptions"], said["next_questions"]) == ([], [], [])


def test_an_answer_is_kept_with_them():
    assert answer_from_plain(json.loads(json.dumps(answer_to_plain(ASKED)))) == ASKED
