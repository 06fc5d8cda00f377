"""Whether a server can be worked with, looked at once at each start: what would only fail later is a sentence now."""

from typing import Final

import structlog

from bot.storage.checkpoints import SPARE
from bot.storage.database import OVERFLOW, StorageMisconfigured, StorageUnavailable
from bot.storage.server_facts import OLDEST_MAJOR, read_server_facts

log = structlog.get_logger(__name__)

BESIDE_TURNS: Final = 6
"""Connections for what is not a turn: acks, the worker's beat, cards, sweeps, buttons."""


def pooled_connections(workers: int) -> int:
    return workers + BESIDE_TURNS


def connections_of_a_daemon(workers: int, *, keeps_checkpoints: bool = True) -> int:
    """At most: the stores' pool with its overflow, the checkpoints' pool, one that listens."""
    checkpoints = workers + SPARE if keeps_checkpoints else 0
    return pooled_connections(workers) + OVERFLOW + checkpoints + 1


async def refuse_unfit_server(uri: str, *, wanted: int) -> None:
    """*wanted*: connections. Raises StorageMisconfigured, or StorageUnavailable for what may pass by itself."""
    facts = await read_server_facts(uri)
    if facts.major < OLDEST_MAJOR:
        raise StorageMisconfigured(
            f"DATABASE_URL leads to Postgres {facts.version}, and {OLDEST_MAJOR} or newer is needed."
        )
    if facts.pooling == "transaction":
        # Locks and LISTEN would end with each statement: two daemons would answer one question.
        raise StorageMisconfigured(
            "DATABASE_URL leads to a pooler in transaction mode, where LISTEN and advisory locks do not last: "
            "name the server itself, or set its pool_mode to session."
        )
    if facts.is_read_only:  # a failover comes to an end
        raise StorageUnavailable("Postgres takes no writes: it is a standby, or read-only")
    if facts.connections_left_for_us < wanted:
        log.warning("storage.few_connections", wanted=wanted, left=facts.connections_left_for_us)
