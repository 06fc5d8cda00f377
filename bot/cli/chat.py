"""`botctl chat`: a conversation with the analyst in a terminal, which another `chat` or `simulate` can go on with."""

import argparse
import asyncio
import shlex
import signal
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from agent.errors import AgentError
from agent.language import language_of
from agent.turn import Progress, Turn
from bot.app import open_desktop
from bot.cli.direct_talk import DirectTalk, refuse_to_continue_without_memory
from bot.cli.report import print_simulated
from bot.cli.tasks import running_beside
from bot.cli.typed_lines import TypedLines
from bot.cli.world import err, open_world
from bot.i18n.catalogue import say, say_notice
from bot.logging import configure_logging
from bot.settings import require_agent_settings
from bot.slack.messages.answer import render_answer
from bot.slack.parse import is_stop

T = TypeVar("T")
NEW: Final = "/new"
_FENCE: Final = "```"
_HOW: Final = "Ask in your own words. /new starts over, Ctrl-C stops an answer, Ctrl-D ends."


async def chat(options: argparse.Namespace) -> int:
    configure_logging("warning")
    refuse_to_continue_without_memory(options.thread_ts)
    async with open_world(options.model) as world:
        require_agent_settings(world.settings)
        async with open_desktop(world.settings) as desktop:
            talk = DirectTalk.begin(desktop, user=options.user, channel=options.channel, thread_ts=options.thread_ts)
            _tell(_HOW)
            with TypedLines() as lines:
                await Chat(talk, lines).hold()
            if world.settings.langgraph_checkpoint_backend != "memory":
                _tell(f"Go on with: {_resuming(talk, options)}")
    return 0


class Chat:
    """Reads a message, answers it, until the lines end or Ctrl-C is pressed where nothing runs."""

    def __init__(self, talk: DirectTalk, lines: TypedLines) -> None:
        self._talk = talk
        self._lines = lines
        self._interrupt = asyncio.Event()

    async def hold(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt.set)
        try:
            while (text := await self._unless_interrupted(self._message(), "message")) is not None:
                await self._respond(text.strip())
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    async def _message(self) -> str | None:
        """A line; with the lines after it, where it opens a block of code."""
        text = await self._lines.next("> ")
        while text is not None and text.count(_FENCE) % 2:
            more = await self._lines.next("… ")
            if more is None:
                break
            text = f"{text}\n{more}"
        return text

    async def _respond(self, text: str) -> None:
        if is_stop(text):
            err.print(say(language_of(text), "stop.nothing_running"))
        elif text.startswith("/") and text != NEW:
            err.print(_HOW)
        elif text:
            await self._answer(self._talk.turn("start over" if text == NEW else text))

    async def _answer(self, turn: Turn) -> None:
        async def show(progress: Progress) -> None:
            words = say(language_of(turn.text), f"progress.{progress.step}.{progress.state}")
            detail = f" ({progress.detail})" if progress.detail else ""
            err.print(f"… {words}{detail}", style="dim", markup=False, soft_wrap=True)

        try:
            answered = await self._unless_interrupted(self._talk.answer(turn, show), "answer")
        except AgentError as error:
            err.print(say_notice(language_of(turn.text), error.notice), markup=False, soft_wrap=True)
            return
        if answered is None:
            stopped = await self._talk.desktop.analyst.stop(turn)
            err.print(render_answer(stopped).text, markup=False, soft_wrap=True)
            return
        print_simulated(answered, as_json_object=False)
        await self._unless_interrupted(self._talk.desktop.analyst.tidy(turn), "tidy")

    async def _unless_interrupted(self, work: Coroutine[Any, Any, T], name: str) -> T | None:
        """What *work* comes to; None when Ctrl-C ends it first."""
        self._interrupt.clear()
        async with (
            running_beside(work, name) as task,
            running_beside(self._interrupt.wait(), "interrupt") as interrupted,
        ):
            await asyncio.wait({task, interrupted}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None


def _tell(text: str) -> None:
    err.print(f"# {text}", markup=False, soft_wrap=True)


def _resuming(talk: DirectTalk, options: argparse.Namespace) -> str:
    """The command that continues this conversation."""
    words = ["botctl", "chat", "--thread-ts", talk.thread_ts]
    for name in ("channel", "user"):
        if value := getattr(options, name):
            words += [f"--{name}", value]
    return shlex.join(words)
