"""What a server says of our place in it, directly and through poolers."""

from pathlib import Path
from typing import Literal

import pytest

from bot.storage.database import StorageMisconfigured, StorageUnavailable
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.fitness import refuse_unfit_server
from bot.storage.server_facts import read_server_facts
from tests.fakes.pooler import Pooler


def socket_of(uri: str) -> Path:
    return Path(uri.partition("host=")[2]) / ".s.PGSQL.5432"


async def test_a_server_that_is_reached_directly_tells_of_our_tables_and_rights(database_url: str) -> None:
    facts = await read_server_facts(database_url)
    assert facts.pooling == "none"
    assert (facts.is_read_only, facts.encoding, facts.may_create_schema) == (False, "UTF8", True)
    assert facts.unusable_tables == ()
    assert facts.revision == facts.known_revisions[0]
    assert facts.checkpoint_tables == ()
    assert 0 < facts.connections_left_for_us <= facts.max_connections


@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_a_pooler_is_known_by_the_processes_that_it_lends(
    postgres: EmbeddedPostgres, database_url: str, tmp_path: Path, mode: Literal["session", "transaction"]
) -> None:
    async with Pooler(socket_of(postgres.uri), mode).serving(tmp_path) as folder:
        behind = f"{database_url.partition('host=')[0]}host={folder}"
        assert (await read_server_facts(behind)).pooling == mode
        if mode == "transaction":
            with pytest.raises(StorageMisconfigured, match="pool_mode to session"):
                await refuse_unfit_server(behind, wanted=1)
        else:
            await refuse_unfit_server(behind, wanted=1)


async def test_an_address_that_cannot_be_used_is_told_without_its_password() -> None:
    for uri, kind in (
        ("postgresql://bolt:planted@127.0.0.1:1/bolt", StorageUnavailable),
        ("postgresql://bolt:planted@[/bolt", StorageMisconfigured),
        ("postgresql://bolt:planted@host:port/bolt", StorageMisconfigured),
    ):
        with pytest.raises(kind) as raised:
            await read_server_facts(uri)
        assert "planted" not in str(raised.value)
