"""What `simulate --json` tells of an answer beside its numbers."""

import argparse
import json
from typing import Any

import pytest

from agent.answer_codec import answer_from_plain, answer_to_plain
from agent.turn import Action, Answer, Choice, OnProgress, Route, Turn
from bot.cli.report import Simulated, as_json
from bot.cli.simulate import ask_directly

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


class Desktop:
    """With an analyst that remembers what was asked of it, and what was printed by then."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.analyst = self
        self.done: list[tuple[str, str]] = []
        self._capsys = capsys

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        self.done.append(("answer", turn.text))
        return Answer(turn.id, "en", route=None, text=f"to {turn.text}")

    async def tidy(self, turn: Turn) -> None:
        out = self._capsys.readouterr().out
        self.done.append(("tidy", json.loads(out)["answer"] if out else "nothing said"))


async def test_a_thread_is_tidied_behind_each_answer_and_the_last_one_is_told_first(capsys: pytest.CaptureFixture[str]):
    desktop: Any = Desktop(capsys)
    options = argparse.Namespace(user=None, channel=None, thread_ts=None, json=True)
    await ask_directly(desktop, ("one", "two"), options)
    assert desktop.done == [("answer", "one"), ("tidy", "nothing said"), ("answer", "two"), ("tidy", "to two")]


def test_a_moment_is_told_in_the_words_that_slack_keeps_for_a_terminal():
    message = "Kept result (<!date^1795176298^{date_short_pretty} {time}|2026-11-20 12:04 UTC>), &lt;b&gt; · <#C1>"
    said = as_json(Simulated(None, (message,), "C1", None, 0.1))
    assert said["messages"] == ["Kept result (2026-11-20 12:04 UTC), <b> · <#C1>"]
