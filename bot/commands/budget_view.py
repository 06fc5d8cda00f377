"""`/data budget`: where whoever asks stands with the budgets that a question of theirs would draw on here."""

from collections.abc import Callable, Iterable
from datetime import datetime

from agent.notice import Notice, Param
from agent.policy.budget import Scope, Standing
from agent.spend import Payers
from bot.budgets import Purse
from bot.commands.responses import Responses
from bot.inbox.items import BudgetAsked
from bot.surface import People, Rooms


class BudgetViewService:
    def __init__(
        self, *, purse: Purse, people: People, rooms: Rooms, responses: Responses, now: Callable[[], datetime]
    ) -> None:
        self._purse = purse
        self._people = people
        self._rooms = rooms
        self._responses = responses
        self._now = now

    async def run(self, item: BudgetAsked) -> None:
        asker = (await self._rooms.audience(item.channel, item.user, kind="asker")).asker
        payers = Payers(item.team, item.user, item.channel, asker.groups if asker else frozenset())
        lines = [
            line for standing in await self._purse.standings(payers, self._now()) for line in budget_lines(standing)
        ]
        await self._tell(item, lines or [Notice("budget.none")])

    async def give_up(self, item: BudgetAsked) -> None:
        await self._tell(item, [Notice("budget.not_read")])

    async def _tell(self, item: BudgetAsked, notices: list[Notice]) -> None:
        person = await self._people.find(item.user)
        await self._responses.respond(item.address, notices, person.language_for(""))


def budget_lines(standing: Standing) -> Iterable[Notice]:
    """What is left of one budget: in dollars, in bytes, or both. For its payer's eyes."""
    words: dict[str, Param] = {
        "scope": "budget_own" if standing.budget.scope is Scope.USER else f"budget_{standing.budget.scope}",
        "period": f"budget_{standing.budget.period}",
        "resets": standing.resets,
    }
    if standing.budget.limit_usd is not None and standing.left_usd is not None:
        amounts: dict[str, Param] = {"left": float(standing.left_usd), "limit": float(standing.budget.limit_usd)}
        yield Notice("budget.line_usd", {**words, **amounts})
    if standing.budget.limit_bytes is not None and standing.left_bytes is not None:
        yield Notice("budget.line_bytes", {**words, "left": standing.left_bytes, "limit": standing.budget.limit_bytes})
