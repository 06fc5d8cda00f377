"""A conversation with the daemon through the local workspace: post, wait for the inbox to be done, read the thread."""

import asyncio
import time
from dataclasses import dataclass
from typing import Self

from bot.cli.errors import CommandError
from bot.cli.item_watch import ItemWatch
from bot.cli.report import Simulated
from bot.cli.workspace_client import WorkspaceClient
from bot.replies import decode_answer

ANSWER_SECONDS = 900.0
"""A small model on a busy machine may take minutes."""


@dataclass(slots=True)
class SocketTalk:
    """One person's conversation in one place; the first message opens the thread."""

    workspace: WorkspaceClient
    watch: ItemWatch
    team: str
    bot_user: str
    user: str
    channel: str
    thread_ts: str | None

    @classmethod
    async def begin(
        cls,
        workspace: WorkspaceClient,
        watch: ItemWatch,
        *,
        user: str | None,
        channel: str | None,
        thread_ts: str | None,
    ) -> Self:
        """The workspace's first person and first channel, where none is named. Waits for the bot."""
        state = await workspace.wait_for_bot()
        return cls(
            workspace=workspace,
            watch=watch,
            team=state["team"],
            bot_user=state["bot"]["user"],
            user=user or next(person["id"] for person in state["people"] if not person["is_bot"]),
            channel=channel or next(channel["id"] for channel in state["channels"] if not channel["person"]),
            thread_ts=thread_ts,
        )

    async def ask(self, text: str) -> Simulated:
        """Post *text*, wait for the turn to be done, and collect what was said."""
        started = time.monotonic()
        is_dm = self.channel.startswith("D")
        words = text if is_dm else f"<@{self.bot_user}> {text}"
        ts = await self.workspace.post(self.user, self.channel, words, self.thread_ts)
        if not is_dm:
            self.thread_ts = self.thread_ts or ts
        key = f"message:{self.team}:{self.channel}:{ts}"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status = await self.watch.wait_until_finished(key)
        except TimeoutError:
            raise CommandError(f"There is no answer after {ANSWER_SECONDS:.0f} s.") from None
        kept = await self.watch.reply(key)
        return Simulated(
            answer=decode_answer(kept.answer) if kept and kept.answer else None,
            messages=await self.workspace.replies(self.channel, self.thread_ts, ts, self.bot_user),
            channel=self.channel,
            thread_ts=self.thread_ts,
            seconds=time.monotonic() - started,
            error=None if status == "done" else status,
        )
