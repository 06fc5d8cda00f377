"""What durability costs: a put, and a put that is claimed and completed, beside a bare INSERT on the same server."""

import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text

from bot.inbox.items import TurnRequested
from bot.storage.database import Database, open_database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.inbox import PostgresInbox
from bot.storage.migrations import migrate

ROUNDS = 300


async def measure() -> dict[str, float | int]:
    """With fsync on, as in production: the disk is part of the answer."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)  # root's Postgres runs as another account
        with EmbeddedPostgres(Path(folder) / "postgres") as postgres:
            migrate(postgres.uri)
            async with open_database(postgres.uri) as database:
                return await _measure(database)


async def _measure(database: Database) -> dict[str, float | int]:
    inbox = PostgresInbox(database)
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY, words text)"))

    async def insert(_: int) -> None:
        async with database.transaction() as connection:
            await connection.execute(text("INSERT INTO bare (words) VALUES ('how many orders?')"))

    async def put(number: int) -> None:
        await inbox.put(_turn(f"put-{number}"))

    async def walk(number: int) -> None:
        await inbox.put(_turn(f"walk-{number}"))
        (claim,) = await inbox.claim(1)
        await inbox.complete(claim)

    bare: list[float] = []
    puts: list[float] = []
    walks: list[float] = []
    async with inbox.listening():
        for number in range(ROUNDS):
            bare.append(await _timed(insert, number))
            walks.append(await _timed(walk, number))
            # put last, then taken away: nothing waits that the next walk could claim instead of its own
            puts.append(await _timed(put, number))
            (claim,) = await inbox.claim(1)
            await inbox.complete(claim)
    base = statistics.median(bare)
    return {
        "rounds": ROUNDS,
        "bare insert p50 ms": round(base * 1000, 2),
        "put p50 ms": round(statistics.median(puts) * 1000, 2),
        "put, claim, complete p50 ms": round(statistics.median(walks) * 1000, 2),
        "put over bare insert, ratio of medians": round(statistics.median(puts) / base, 2),
        "put, claim, complete over bare insert": round(statistics.median(walks) / base, 2),
    }


async def _timed(work: Callable[[int], Awaitable[None]], number: int) -> float:
    started = time.perf_counter()
    await work(number)
    return time.perf_counter() - started


def _turn(key: str) -> TurnRequested:
    return TurnRequested(
        dedupe_key=key,
        conversation=key,
        spoken_at=Decimal(1),
        team="T1",
        channel="C1",
        thread_ts="1.1",
        user="U1",
        text="how many orders?",
        surface="channel",
    )
