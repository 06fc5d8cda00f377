"""On a module of four bytes' work, and on one that never comes: a FIFO that the compiler waits at."""

import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import wasmtime

from agent.sql.googlesql.compilation import CompilationFailed, compile_natively
from agent.sql.googlesql.wasmtime_engine import new_wasmtime_engine

ROOT = Path(__file__).parents[5]
PATIENCE_SECONDS = 60.0
COMPILE_IN_A_PROCESS = """
import sys, threading
from pathlib import Path
from agent.sql.googlesql.compilation import compile_natively

with open(sys.argv[2], "wb") as native:
    compile_natively(Path(sys.argv[1]), native, threading.Event())
"""


class HeldCompiler:
    """A compiler that has started and waits for its module; `wait_until_gone` once it should be."""

    def __init__(self, wasm: Path) -> None:
        self._wasm = wasm
        os.mkfifo(wasm)
        self._pipe = -1

    def wait_until_here(self) -> None:
        due = time.monotonic() + PATIENCE_SECONDS
        while self._pipe < 0:
            assert time.monotonic() < due, "no compiler opened its module"
            with contextlib.suppress(OSError):  # ENXIO: nobody reads
                self._pipe = os.open(self._wasm, os.O_WRONLY | os.O_NONBLOCK)
            time.sleep(0.01)

    def wait_until_gone(self) -> None:
        poll = select.poll()
        poll.register(self._pipe, 0)
        assert poll.poll(PATIENCE_SECONDS * 1000), "the compiler still reads its module"

    def pid(self) -> int:
        (pid,) = [path.name for path in Path("/proc").glob("[0-9]*") if self._is_here(path)]
        return int(pid)

    def close(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)

    def _is_here(self, process: Path) -> bool:
        with contextlib.suppress(OSError):  # others come and go
            return str(self._wasm).encode() in (process / "cmdline").read_bytes()
        return False


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.wasm"
    path.write_bytes(wasmtime.wat2wasm('(module (func (export "answer") (result i32) i32.const 42))'))
    return path


@pytest.fixture
def held(tmp_path: Path) -> Iterator[HeldCompiler]:
    compiler = HeldCompiler(tmp_path / "held.wasm")
    yield compiler
    compiler.close()


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def held_compilation(tmp_path: Path, held: HeldCompiler, stop: threading.Event) -> Iterator[Future[None]]:
    with ThreadPoolExecutor(1) as executor, (tmp_path / "native").open("wb") as native:
        yield executor.submit(compile_natively, tmp_path / "held.wasm", native, stop)
        stop.set()


def failure_of(wasm: Path, native: Path, *, deadline_seconds: float = PATIENCE_SECONDS) -> str:
    with native.open("wb") as file, pytest.raises(CompilationFailed) as failed:
        compile_natively(wasm, file, threading.Event(), deadline_seconds=deadline_seconds)
    return str(failed.value)


def test_what_the_child_compiled_runs_here(tiny: Path, tmp_path: Path, stop: threading.Event) -> None:
    with (tmp_path / "native").open("wb") as native:
        compile_natively(tiny, native, stop)
    module = wasmtime.Module.deserialize_file(new_wasmtime_engine(), str(tmp_path / "native"))
    assert [export.name for export in module.exports] == ["answer"]


def test_a_failure_is_one_sentence(tmp_path: Path) -> None:
    (broken := tmp_path / "broken.wasm").write_bytes(b"\0asm, it says")
    said = failure_of(broken, tmp_path / "native")
    assert said.startswith("the compiler of the SQL engine failed: ")
    assert "magic" in said or "version" in said
    assert "\n" not in said
    missing = failure_of(tmp_path / "missing.wasm", tmp_path / "native")
    assert "No such file" in missing


def test_a_full_disk_is_a_failure(tiny: Path) -> None:
    assert failure_of(tiny, Path("/dev/full")).endswith("failed: [Errno 28] No space left on device")


def test_a_compiler_that_takes_too_long_is_ended(held: HeldCompiler, tmp_path: Path) -> None:
    said = failure_of(tmp_path / "held.wasm", tmp_path / "native", deadline_seconds=0)
    assert said == "the compilation of the SQL engine took longer than 0 s"
    with pytest.raises(OSError, match="No such device"):  # nobody reads the module
        os.open(tmp_path / "held.wasm", os.O_WRONLY | os.O_NONBLOCK)


def test_nobody_waits_so_the_compiler_is_ended(
    held: HeldCompiler, held_compilation: Future[None], stop: threading.Event
) -> None:
    held.wait_until_here()
    stop.set()
    with pytest.raises(CompilationFailed, match="given up"):
        held_compilation.result(PATIENCE_SECONDS)
    held.wait_until_gone()


def test_a_compiler_that_the_kernel_kills_is_a_matter_of_memory(
    held: HeldCompiler, held_compilation: Future[None]
) -> None:
    held.wait_until_here()
    os.kill(held.pid(), 9)
    with pytest.raises(CompilationFailed, match="was killed: there may be too little memory"):
        held_compilation.result(PATIENCE_SECONDS)


def test_the_compiler_dies_with_whoever_started_it(held: HeldCompiler, tmp_path: Path) -> None:
    words = [sys.executable, "-c", COMPILE_IN_A_PROCESS, str(tmp_path / "held.wasm"), str(tmp_path / "native")]
    with subprocess.Popen(words, cwd=ROOT) as parent:
        held.wait_until_here()
        parent.kill()
    held.wait_until_gone()


@pytest.mark.usefixtures("held_compilation")
def test_the_compiler_is_told_no_secret(held: HeldCompiler) -> None:
    held.wait_until_here()
    process = Path(f"/proc/{held.pid()}")
    environment = {entry.split(b"=")[0].decode() for entry in (process / "environ").read_bytes().split(b"\0") if entry}
    assert environment <= {"LD_LIBRARY_PATH", "RAYON_NUM_THREADS", "PYTHONPATH", "MALLOC_ARENA_MAX"}
    assert "HOME" in os.environ  # and was not handed on
