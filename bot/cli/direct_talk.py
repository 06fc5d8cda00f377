"""A conversation with the analyst itself: no Slack, no inbox, the same storage as the daemon's."""

import time
import uuid
from dataclasses import dataclass
from typing import Final, Self

from agent.turn import Actor, Audience, OnProgress, StartOver, Turn
from bot.app import Desktop
from bot.cli.errors import CommandError
from bot.cli.report import Simulated
from bot.settings import load_settings
from bot.slack.messages.answer import render_answer
from bot.slack.parse import is_start_over

TEAM: Final = "T_LOCAL"


def refuse_to_continue_without_memory(thread_ts: str | None) -> None:
    """Raises CommandError for a thread that nothing could remember."""
    if thread_ts and load_settings().langgraph_checkpoint_backend == "memory":
        raise CommandError(
            "--thread-ts continues a remembered conversation, and LANGGRAPH_CHECKPOINT_BACKEND=memory forgets"
            " each one when the process ends: set it to postgres."
        )


@dataclass(frozen=True, slots=True)
class DirectTalk:
    """One person's conversation in one thread."""

    desktop: Desktop
    user: str
    channel: str
    thread_ts: str

    @classmethod
    def begin(cls, desktop: Desktop, *, user: str | None, channel: str | None, thread_ts: str | None) -> Self:
        thread = thread_ts or f"{uuid.uuid4().int % 10**12}.000000"
        return cls(desktop, user or "U_LOCAL", channel or "C_LOCAL", thread)

    def turn(self, text: str) -> Turn:
        """What *text* would be in Slack."""
        return Turn(
            id=f"simulate:{uuid.uuid4()}",
            conversation=f"{TEAM}:{self.channel}:{self.thread_ts}",
            actor=Actor(self.user, TEAM),
            audience=Audience("channel", self.channel),
            text=text,
            preset=StartOver() if is_start_over(text) else None,
        )

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Simulated:
        """Raises AgentError where the daemon would try again later."""
        started = time.monotonic()
        answer = await self.desktop.analyst.answer(turn, on_progress)
        seconds = time.monotonic() - started
        return Simulated(answer, (render_answer(answer, seconds).text,), self.channel, self.thread_ts, seconds)
