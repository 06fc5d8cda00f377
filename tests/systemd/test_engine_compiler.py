"""The SQL engine's compiler as the unit's child: allowed by its hardening, and never in the way of a stop.

The engine itself is compiled by tests/install; here it is begun and broken off, and a small module is compiled whole.
"""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.scenario.house import House
from tests.systemd.installed import RELEASE
from tests.systemd.machine import Machine
from tests.systemd.service import PATIENCE, Service

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.asyncio(loop_scope="session")]

CACHE = "/var/cache/private/slack-bot"
COMPILE_A_SMALL_ONE = (
    "from pathlib import Path; from agent.sql.googlesql.module_cache import compile_module; "
    "compile_module(Path('/var/cache/slack-bot/small'), wasm=Path('small.wasm'))"
)
INSTEAD_OF_THE_DAEMON = (
    *("Type=oneshot", "Restart=no", "WatchdogSec=0", "ExecStopPost=", "ExecStart="),
    f'ExecStart=/opt/slack-bot/current/venv/bin/python -c "{COMPILE_A_SMALL_ONE}"',
)


async def test_a_module_is_compiled_and_loaded_under_the_units_hardening(daemon: Service) -> None:
    await daemon.systemctl("stop")
    await asyncio.to_thread(daemon.machine.write, f"{RELEASE}/small.wasm", "(module (func))")  # wasmtime reads text too
    await daemon.add_drop_in("zz-compile", *INSTEAD_OF_THE_DAEMON)
    try:
        await daemon.systemctl("start")  # returns when it is done
        assert ".cwasm" in await _run(daemon.machine, f"ls {CACHE}/small")
    finally:
        await daemon.remove_drop_in("zz-compile")
        await _run(daemon.machine, f"rm -rf {CACHE}/small {RELEASE}/small.wasm")


async def test_a_stop_during_the_compilation_ends_it(
    house: House, daemon: Service, figure: Callable[[str], None]
) -> None:
    await daemon.systemctl("stop")
    await _run(daemon.machine, f"mv {CACHE}/googlesql {CACHE}/aside")
    try:
        await daemon.systemctl("start", "--no-block")
        async with asyncio.timeout(PATIENCE):
            while not await _compiles(daemon):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        began = time.monotonic()
        await daemon.systemctl("stop")
        figure(f"stopped after {time.monotonic() - began:.1f} s")
        assert await daemon.show("Result") == "success"
        assert not await daemon.pids()
        left = (await _run(daemon.machine, f"ls {CACHE}/googlesql")).split()
        assert [name for name in left if not name.endswith(".lock")] == []
    finally:
        await _run(daemon.machine, f"rm -rf {CACHE}/googlesql && mv {CACHE}/aside {CACHE}/googlesql")


async def _compiles(daemon: Service) -> bool:
    """Once the compiler has made itself the first to go when memory runs out."""
    for pid in await daemon.pids():
        told = await _run(daemon.machine, f"cd /proc/{pid} && cat cmdline oom_score_adj; true")
        if "googlesql.compiler" in told and told.endswith("1000\n"):
            return True
    return False


async def _run(machine: Machine, command: str) -> str:
    return await asyncio.to_thread(machine.run, "sh", "-c", command)
