"""What the bot can be asked to do, one line each. A new kind of item does not type-check until it is here."""

from typing import assert_never

from bot.inbox.attempt import Attempt
from bot.inbox.items import Item, SqlViewRequested, StopRequested, TurnRequested
from bot.sql_view import SqlViewService
from bot.stop import StopService
from bot.turns import TurnService


class Dispatcher:
    """The worker pool's handler, and what tells people of an item that was given up."""

    def __init__(self, *, turns: TurnService, stop: StopService, sql_view: SqlViewService) -> None:
        self._turns = turns
        self._stop = stop
        self._sql_view = sql_view

    async def __call__(self, attempt: Attempt) -> None:
        match attempt.item:
            case TurnRequested() as item:
                await self._turns.run(item, attempt=attempt.claim.attempt, stoppable=attempt.stoppable)
            case StopRequested() as item:
                await self._stop.run(item)
            case SqlViewRequested() as item:
                await self._sql_view.run(item)
            case _ as item:
                assert_never(item)

    async def give_up(self, item: Item, error: Exception) -> None:
        """Nobody will try *item* again."""
        match item:
            case TurnRequested():
                await self._turns.give_up(item, error)
            case SqlViewRequested():
                await self._sql_view.give_up(item)
            case StopRequested():
                return  # the person sees that the turn went on, and can press again
            case _:
                assert_never(item)
