"""The native server's process, with a fake of the native library: what it says, and that it ends with its parent."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from bot.local.model import serve
from bot.local.model.native import SERVE_COMMAND

FAKE_LIBRARY = """
import json, os
class CommonParams:
    def __init__(self):
        self.model, self.cpuparams, self.cpuparams_batch = (type("", (), {})() for _ in range(3))
class Server:
    listening_address = "http://127.0.0.1:4711"
    def __init__(self, params):
        os.write(1, b"llama.cpp says something on stdout\\n")
        known = {name: value for name, value in vars(params).items() if isinstance(value, (str, int, list))}
        with open(os.path.dirname(params.model.path) + "/params.json", "w") as file:
            json.dump({**known, "omp": os.environ.get("OMP_WAIT_POLICY")}, file)
"""
# Starts what its arguments say, with a stdin that nobody closes, and waits to be killed.
PARENT = """
import subprocess, sys, time
subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=sys.stdout)
time.sleep(600)
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "xllamacpp.py").write_text(FAKE_LIBRARY)
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "library")}


def arguments(folder: Path) -> tuple[str, ...]:
    return "--weights", str(folder / "tiny.gguf"), "--name", "tiny", "--prefixes", str(folder)


async def started(*command: str, environ: dict[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ)


async def first_line(process: Process) -> dict[str, str]:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return json.loads(await process.stdout.readline())


async def test_stdout_carries_the_address_alone_and_the_end_of_stdin_is_the_end(
    tmp_path: Path, environ: dict[str, str]
):
    process = await started(*SERVE_COMMAND, *arguments(tmp_path), environ=environ)
    assert await first_line(process) == {"address": "http://127.0.0.1:4711"}
    async with asyncio.timeout(30):
        stdout, stderr = await process.communicate(b"")  # closes stdin
    assert (process.returncode, stdout) == (0, b"")
    assert stderr == b"llama.cpp says something on stdout\n"


async def test_it_ends_when_its_parent_is_killed(tmp_path: Path, environ: dict[str, str]):
    parent = await started(sys.executable, "-c", PARENT, *SERVE_COMMAND, *arguments(tmp_path), environ=environ)
    assert await first_line(parent)
    parent.kill()
    assert parent.stdout is not None
    async with asyncio.timeout(30):
        # The server holds the writing end too: this returns when both are gone.
        assert await parent.stdout.read() == b""
        await parent.communicate()


async def test_it_listens_on_this_machine_only_and_within_bounds(tmp_path: Path, environ: dict[str, str]):
    process = await started(*SERVE_COMMAND, *arguments(tmp_path), environ=environ)
    await first_line(process)
    await process.communicate(b"")
    params = json.loads(await asyncio.to_thread((tmp_path / "params.json").read_text))
    assert (params["hostnames"], params["port"]) == (["127.0.0.1"], 0)
    assert params["n_ctx"] == serve.CONTEXT_TOKENS
    assert params["cache_ram_mib"] == serve.PROMPT_CACHE_MIB
    assert params["slot_save_path"] == f"{tmp_path}/"
    assert params["omp"] == "PASSIVE"


def test_there_is_a_thread_per_core_up_to_a_bound():
    assert 1 <= serve.threads() <= min(os.cpu_count() or 1, serve.MAX_THREADS)
