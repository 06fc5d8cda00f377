"""Ctrl-C while an answer is under way stops that answer, not the conversation."""

import asyncio
import signal
from typing import Any

import pytest

from agent.language import language_of
from agent.notice import Notice
from agent.turn import Answer, OnProgress, Turn
from bot.cli.chat import Chat
from bot.cli.direct_talk import DirectTalk


class Desktop:
    """With an analyst that never answers, and whom the person interrupts."""

    def __init__(self) -> None:
        self.analyst = self
        self.asked: list[str] = []
        self.stopped: list[str] = []
        self.cancelled = 0

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Any:
        self.asked.append(turn.text)
        signal.raise_signal(signal.SIGINT)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def tidy(self, turn: Turn) -> None:
        pass

    async def stop(self, turn: Turn) -> Answer:
        self.stopped.append(turn.id)
        language = language_of(turn.text)
        return Answer(turn.id, language, route=None, notices=(Notice("turn.stopped"),), sql="SELECT 1")


class Lines:
    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    async def next(self, prompt: str) -> str | None:
        return self._lines.pop(0) if self._lines else None


async def test_an_interrupted_answer_is_stopped_and_the_conversation_goes_on(capsys: pytest.CaptureFixture[str]):
    desktop: Any = Desktop()
    lines: Any = Lines("first", "두 번째 질문")
    await Chat(DirectTalk.begin(desktop, user=None, channel=None, thread_ts=None), lines).hold()
    assert desktop.asked == ["first", "두 번째 질문"]
    assert (desktop.cancelled, len(set(desktop.stopped))) == (2, 2)
    shown = capsys.readouterr().err
    assert "Stopped, as you asked." in shown
    assert shown.count("SELECT 1") == 2
    assert "요청하신 대로 중단했어요." in shown


async def test_code_over_several_lines_is_one_message():
    desktop: Any = Desktop()
    lines: Any = Lines("run", "```sql", "SELECT 1", "```", "and ``` an open end")
    await Chat(DirectTalk.begin(desktop, user=None, channel=None, thread_ts=None), lines).hold()
    assert desktop.asked == ["run", "```sql\nSELECT 1\n```", "and ``` an open end"]
