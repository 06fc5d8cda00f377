"""The door as one turn sees it: what it said of a statement a moment ago is not asked again.

A draft is checked when it is written, validated and judged: one dry run answers all three. Only advice is shared.
`run` goes to the door, which checks again whatever was said here.
"""

import time
from collections.abc import Callable
from typing import Final

from agent.context import Runner
from agent.errors import InvalidQuery
from agent.policy.approvals import Approval
from agent.policy.rights import TurnRights
from agent.query_values import Check, QueryOutcome, QueryRequest
from agent.results import StoredResult

FRESH_SECONDS: Final = 60.0
"""Prices and grants seldom change while one turn goes on; when they do, the door notices."""


class CheckedOnce:
    """A `Runner` for one turn of one person: the same text, the same answer."""

    def __init__(self, runner: Runner, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._runner = runner
        self._clock = clock
        self._said: dict[str, tuple[float, Check | InvalidQuery]] = {}

    async def check(self, sql: str, request: QueryRequest) -> Check:
        at, said = self._said.get(sql, (float("-inf"), None))
        if said is None or self._clock() - at > FRESH_SECONDS:
            said = await self._ask(sql, request)
            self._said[sql] = (self._clock(), said)
        if isinstance(said, InvalidQuery):
            raise said
        return said

    async def request_approval(self, check: Check, request: QueryRequest) -> str:
        return await self._runner.request_approval(check, request)

    async def run(self, sql: str, request: QueryRequest, *, approved: Approval | None = None) -> QueryOutcome:
        return await self._runner.run(sql, request, approved=approved)

    async def stop(self, turn_id: str) -> None:
        await self._runner.stop(turn_id)

    async def rights(self, request: QueryRequest) -> TurnRights:
        return await self._runner.rights(request)

    async def fuller(self, result_id: str, user: str) -> StoredResult | None:
        return await self._runner.fuller(result_id, user)

    async def _ask(self, sql: str, request: QueryRequest) -> Check | InvalidQuery:
        """What is wrong with the text stays wrong; an outage may be over at the next look."""
        try:
            return await self._runner.check(sql, request)
        except InvalidQuery as error:
            return error
