"""Slash commands: `/data`, and two living examples, one answered at once and one whose work goes on in the background.

Slack shows people what is in a command's ack, and brings no command a second time: what cannot be taken is said there.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from agent.notice import Notice
from bot.inbox.items import Item
from bot.slack.commands import Command, budget_of, command_of, long_task_of, question_of, receipt_of, start_over_of
from bot.slack.listeners.intake import Intake, NotStored
from bot.slack.listeners.quick_language import language_of_user
from bot.slack.messages.commands import render_command_help, render_unknown_command
from bot.slack.messages.message import Message
from bot.slack.messages.notices import render_notices
from bot.surface import People

log = structlog.get_logger(__name__)

Now = Callable[[], Decimal]


class CommandListeners:
    def __init__(self, *, intake: Intake, people: People, now: Now) -> None:
        self._intake = intake
        self._people = people
        self._now = now

    def register(self, app: AsyncApp) -> None:
        app.command("/data")(self.on_data)
        app.command("/hello")(self.on_hello)
        app.command("/longtask")(self.on_long_task)

    async def on_data(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        command = command_of(body)
        match command.word:
            case "ask" if command.rest:
                await self._take(ack, command, question_of(command, self._now()))
            case "ask":
                await self._say(ack, command, [Notice("command.ask_what")])
            case "new" if command.in_direct_message:
                await self._take(ack, command, start_over_of(command, self._now()))
            case "new":
                await self._say(ack, command, [Notice("command.new_in_channel")])
            case "budget":
                await self._take(ack, command, budget_of(command, self._now()))
            case "receipt":
                await self._take(ack, command, receipt_of(command, self._now()))
            case "" | "help":
                await _show(ack, render_command_help(await language_of_user(self._people, command.user)))
            case _:
                await _show(ack, render_unknown_command(await language_of_user(self._people, command.user)))

    async def on_hello(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """An instant command: the ack is the answer, and nothing is kept of it."""
        command = command_of(body)
        await self._say(ack, command, [Notice("command.hello", {"user": command.user})])

    async def on_long_task(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A background command: the ack says that it was taken; `bot.commands.long_task` does it."""
        command = command_of(body)
        task = long_task_of(command, self._now())
        await self._take(ack, command, task, Notice("longtask.started", {"seconds": task.seconds}))

    async def _take(self, ack: AsyncAck, command: Command, item: Item, taken: Notice | None = None) -> None:
        """The ack follows the commit. *taken* is what it says; an answer that is on its way speaks for itself."""
        try:
            await self._intake.take(item)
        except NotStored as error:
            log.error("slack.command_lost", item=item.dedupe_key, error=str(error))
            await self._say(ack, command, [Notice("turn.busy")])
            return
        if taken is None:
            await ack()
        else:
            await self._say(ack, command, [taken])

    async def _say(self, ack: AsyncAck, command: Command, notices: Sequence[Notice]) -> None:
        await _show(ack, render_notices(notices, await language_of_user(self._people, command.user)))


async def _show(ack: AsyncAck, message: Message) -> None:
    await ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")
