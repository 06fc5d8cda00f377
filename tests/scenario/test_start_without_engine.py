"""A machine that cannot load Google's SQL engine: the daemon starts, says so once, and asks before every query."""

from pathlib import Path

import pytest

from tests.scenario.house import Daemon, House, is_final

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_daemon_says_so_at_start_and_every_query_waits_for_a_person(house: House, tmp_path: Path) -> None:
    await house.daemon.stop()
    (tmp_path / "googlesql").write_text("")  # where a folder has to be
    house.daemon = Daemon({**house.environ, "CACHE_DIR": str(tmp_path)})
    await house.daemon.start()
    (told,) = await house.until(lambda: house.daemon.named("googlesql.unavailable"))
    assert told["level"] == "error"
    assert "FileExistsError" in told["reason"]

    await house.workspace.wait_for(lambda: house.workspace.sockets or None, 60)
    answers = await house.answered(await house.ask("How many orders were placed in 2025?"))
    assert is_final(answers[-1])
    assert "Google's SQL engine is not available on this machine" in str(answers[-1])
    assert house.billed_jobs == []
    assert len(house.daemon.named("googlesql.unavailable")) == 1
