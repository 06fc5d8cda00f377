import asyncio
import threading
from pathlib import Path

import pytest
import structlog

from agent.sql.googlesql.compilation import CompilationFailed
from agent.sql.googlesql.engine import Engine, EngineError, EngineTrap
from agent.sql.googlesql.errors import EngineUnavailable
from agent.sql.googlesql.module_cache import compile_module
from agent.sql.googlesql.thread import EngineThread


async def test_every_call_runs_on_the_one_thread_of_the_engine(googlesql_cache: Path):
    async with EngineThread(googlesql_cache) as engine:
        threads = await asyncio.gather(*(engine.run(lambda _: threading.current_thread().name) for _ in range(5)))
    assert len(set(threads)) == 1
    assert threads[0] != threading.current_thread().name


async def test_a_verdict_on_the_sql_reaches_the_caller(googlesql_cache: Path):
    async with EngineThread(googlesql_cache) as engine:
        with pytest.raises(EngineError, match="Unexpected identifier"):
            await engine.run(lambda opened: opened.parse("SELEC 1"))
        assert await engine.run(lambda opened: opened.table_names("SELECT * FROM a.b")) == [("a", "b")]


async def test_closing_ends_what_runs_and_both_threads(googlesql_cache: Path):
    before = {thread.name for thread in threading.enumerate()}
    engine = EngineThread(googlesql_cache, deadline_ms=60_000)
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def parse_for_ever(opened: Engine) -> None:
        loop.call_soon_threadsafe(started.set)
        while True:
            opened.parse("SELECT 1")

    running = asyncio.create_task(engine.run(parse_for_ever))
    await started.wait()
    await engine.close()
    with pytest.raises(EngineTrap, match="interrupted"):
        await running
    after = {thread.name for thread in threading.enumerate() if thread.name.startswith("googlesql")}
    assert after <= before


async def test_an_engine_never_used_is_never_opened(tmp_path: Path):
    engine = EngineThread(tmp_path / "cache")
    await engine.close()
    assert not (tmp_path / "cache").exists()


async def test_it_is_warm_once_it_was_opened_and_unavailable_for_good_where_it_cannot_be(
    googlesql_cache: Path, tmp_path: Path
):
    async with EngineThread(googlesql_cache) as engine:
        assert engine.state == "warming"
        await engine.open()
        assert engine.state == "warm"
    (no_folder := tmp_path / "file").write_text("")
    async with EngineThread(no_folder) as engine:
        with pytest.raises(EngineUnavailable):
            await engine.open()
        assert engine.state == "unavailable"


async def test_closing_ends_a_compilation_and_nobody_else_has_to_wait_for_it(tmp_path: Path):
    nobody_waits = threading.Event()
    nobody_waits.set()
    with structlog.testing.capture_logs() as logs:
        async with EngineThread(tmp_path) as engine:
            opening = asyncio.create_task(engine.open())
            async with asyncio.timeout(60):
                while not any(tmp_path.glob("*.tmp")):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            with pytest.raises(CompilationFailed, match="by another process"):
                await asyncio.to_thread(compile_module, tmp_path, stop=nobody_waits)
        with pytest.raises(EngineUnavailable, match="given up"):
            await opening
    assert not [*tmp_path.glob("*.tmp"), *tmp_path.glob("*.cwasm")]
    assert "googlesql.unavailable" not in [entry["event"] for entry in logs]
