"""Which cheaper statements can be offered beside a card: those that the door prices clearly lower, and lets through."""

import asyncio
from typing import Final

import structlog

from agent.context import Context
from agent.errors import AgentError
from agent.policy.decision import Deny
from agent.query import Check, QueryRequest
from agent.sql.twins import Rewrite, rewrites_of
from agent.turn import Twin

log = structlog.get_logger(__name__)

_ABOUT_PRICE: Final = frozenset(
    {"approval.cost", "approval.cost_unknown", "approval.budget_bytes", "approval.budget_usd"}
)
"""What else stops a statement is not mended by making it cheaper."""
MOST_TWINS: Final = 3
_CHEAPER: Final = 0.7
"""Of the dear one's bytes: what saves less than three tenths is not worth a choice."""


async def price_twins(check: Check, context: Context, request: QueryRequest) -> tuple[Twin, ...]:
    """Best effort: a card without twins is a card all the same."""
    if not check.bytes_estimated or not any(reason.code in _ABOUT_PRICE for reason in check.reasons):
        return ()
    try:
        tables = await context.services.catalog.tables()
    except AgentError as error:
        log.warning("twins.no_catalog", error=type(error).__name__)
        return ()
    project, today = context.services.options.default_project, context.services.now().date()
    rewrites = await asyncio.to_thread(rewrites_of, check.sql, tables, project, today)
    priced = await asyncio.gather(*(_price(rewrite, context, request) for rewrite in rewrites))
    limit = check.bytes_estimated * _CHEAPER
    twins = tuple(twin for twin in priced if twin is not None and twin.bytes_estimated <= limit)
    log.info("twins.priced", turn=request.turn_id, rewrites=len(rewrites), offered=len(twins))
    return twins[:MOST_TWINS]


async def _price(rewrite: Rewrite, context: Context, request: QueryRequest) -> Twin | None:
    try:
        check = await context.services.runner.check(rewrite.sql, request)
    except AgentError as error:  # sqlglot wrote what the engine does not take, or BigQuery does not answer
        log.info("twins.rejected", twin=rewrite.gives_up.code, error=type(error).__name__)
        return None
    if isinstance(check.decision, Deny) or check.bytes_estimated is None:
        return None
    return Twin(rewrite.gives_up, rewrite.sql, check.bytes_estimated, check.cost_usd)
