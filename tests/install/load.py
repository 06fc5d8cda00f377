"""Questions at an even pace, whatever happens to the daemon meanwhile; and what became of each."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from bot.local.slack.workspace import Workspace

QUESTIONS: Final = (
    "How many orders were placed in 2025?",
    "2025년 주문은 몇 건이었나요?",
    "2025年の注文は何件でしたか?",
)
CHANNELS: Final = ("C0GENERAL", "C0SALES")
ANSWER_SECONDS: Final = 1200.0
"""Each answer ends in a chat.update, of which Slack takes fifty a minute: most questions wait for that."""
LOOK_SECONDS: Final = 0.25


@dataclass
class Asked:
    channel: str
    ts: str
    at: float
    answered_at: float | None = None


@dataclass
class Load:
    workspace: Workspace
    asked: list[Asked] = field(default_factory=list[Asked])
    looks: int = 0
    least_sockets: int = 99
    """Connections that Slack had at the worst of them."""

    async def ask_at(self, per_second: float) -> None:
        """Until cancelled. The pace does not slow down when answers do."""
        start = time.monotonic()
        while True:
            number = len(self.asked)
            channel = CHANNELS[number % len(CHANNELS)]
            words = QUESTIONS[number % len(QUESTIONS)]
            at = time.monotonic()
            ts = await self.workspace.post("U0ANA", channel, f"<@U0BOLT> {words}")
            self.asked.append(Asked(channel, ts, at))
            await asyncio.sleep(max(0.0, start + len(self.asked) / per_second - time.monotonic()))

    async def watch(self) -> None:
        """Until cancelled: when each question had its answer, and whether somebody always listened."""
        while True:
            self.looks += 1
            self.least_sockets = min(self.least_sockets, self.workspace.sockets)
            answers = self.answers()
            for one in self.waiting:
                if any(is_final(message) for message in answers[one.channel, one.ts]):
                    one.answered_at = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    def answers(self) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
        """What the bot said, by channel and thread: all in one pass, for there are many."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for channel in CHANNELS:
            for message in self.workspace.messages(channel):
                if message.get("bot_id") and "thread_ts" in message and not is_plan(message):
                    found[channel, message["thread_ts"]].append(message)
        return found

    @property
    def waiting(self) -> list[Asked]:
        return [one for one in self.asked if one.answered_at is None]

    @property
    def waits(self) -> list[float]:
        """Seconds, of those that were answered."""
        return sorted(one.answered_at - one.at for one in self.asked if one.answered_at is not None)

    async def settled(self) -> None:
        """Every question has an answer. Raises TimeoutError."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while self.waiting:  # noqa: ASYNC110  # what changes is in other processes
                await asyncio.sleep(0.1)


def is_plan(message: dict[str, Any]) -> bool:
    """The steps on the way, which stay above the answer."""
    return "plan" in [block.get("type") for block in message.get("blocks") or []]


def is_final(message: dict[str, Any]) -> bool:
    """An answer, no longer the steps on the way to it or a place in line: those carry the Stop button."""
    return "stop" not in [e.get("action_id") for b in message.get("blocks") or [] for e in b.get("elements") or []]


@asynccontextmanager
async def under_load(workspace: Workspace, per_second: float) -> AsyncGenerator[Load]:
    """Questions while the block lasts; at its end every one of them has its answer, or TimeoutError says not."""
    load = Load(workspace)
    asking = asyncio.create_task(load.ask_at(per_second), name="questions")
    watching = asyncio.create_task(load.watch(), name="answers")
    try:
        yield load
        asking.cancel()
        await load.settled()
    finally:
        for task in (asking, watching):
            task.cancel()
        await asyncio.gather(asking, watching, return_exceptions=True)
