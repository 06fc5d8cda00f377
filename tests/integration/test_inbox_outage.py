"""Postgres goes away: what is promised to Slack in time, and what waits until it is back."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.inbox.inbox import InboxUnavailable
from bot.storage.approvals import PostgresApprovals
from bot.storage.database import StorageUnavailable, open_database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.inbox import PostgresInbox
from bot.storage.migrations import migrate
from tests.inbox_items import turn
from tests.postgres import NO_FSYNC


@pytest.fixture
def own_postgres(open_folder: Path) -> Iterator[EmbeddedPostgres]:
    """One that this test may stop."""
    base = Path(tempfile.mkdtemp(dir=open_folder))
    base.chmod(0o755)
    with EmbeddedPostgres(base, settings=NO_FSYNC, shared=open_folder / "shared") as postgres:
        migrate(postgres.uri)
        yield postgres


async def test_a_put_to_no_server_is_refused(open_folder: Path) -> None:
    async with open_database(f"postgresql://postgres@/postgres?host={open_folder}/nobody") as database:
        with pytest.raises(InboxUnavailable):
            await PostgresInbox(database).put(turn("a"))
        with pytest.raises(InboxUnavailable):
            await PostgresInbox(database).request_stop("T1:C1:1.0")


async def test_a_put_to_a_frozen_server_is_refused_too(tmp_path: Path) -> None:
    """Within the two seconds that Slack's three leave us; the connection's own timeout is five."""
    accepted: list[asyncio.StreamWriter] = []

    async def accept_and_say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)

    folder = tempfile.mkdtemp(dir="/tmp")  # a short path: a socket's has a limit
    server = await asyncio.start_unix_server(accept_and_say_nothing, f"{folder}/.s.PGSQL.5432")
    async with server, open_database(f"postgresql://postgres@/postgres?host={folder}") as database:
        with pytest.raises(InboxUnavailable, match="does not answer"):
            await PostgresInbox(database).put(turn("a"))
        for writer in accepted:
            writer.close()


async def test_an_outcome_waits_for_the_server_and_is_written_once_it_is_back(own_postgres: EmbeddedPostgres) -> None:
    async with open_database(own_postgres.uri) as database, PostgresInbox(database).listening() as inbox:
        await inbox.put(turn("a", at=1))
        await inbox.put(turn("b", at=2))
        [claim] = await inbox.claim(8)
        await asyncio.to_thread(own_postgres.stop)
        writing = asyncio.create_task(inbox.complete(claim))
        with pytest.raises(InboxUnavailable):
            await inbox.put(turn("c"))
        with pytest.raises(StorageUnavailable):
            await inbox.claim(8)
        with pytest.raises(StorageUnavailable):
            await PostgresApprovals(database).get("a")
        assert not writing.done()
        await asyncio.to_thread(own_postgres.start)
        async with asyncio.timeout(30):
            assert await writing
        [following] = await inbox.claim(8)
        assert following.item.dedupe_key == "b"
