"""One compilation in a child process, so that its gigabyte is given back; waited for, and ended with whoever waits."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

DEADLINE_SECONDS: Final = 480.0
"""For 24 seconds of CPU. Less than the ten minutes that a start may take: the daemon then starts without the engine."""
_ROOT: Final = Path(__file__).parents[3]
"""What our packages are imported from."""
_PASSED_ON: Final = ("LD_LIBRARY_PATH", "RAYON_NUM_THREADS")
"""Nothing else of our environment: it may hold tokens."""
_LOOK_SECONDS: Final = 0.1
_LONGEST_REASON: Final = 300


class CompilationFailed(Exception):
    """The compiler failed, was killed, took too long, or nobody waits for it any more."""


def compile_natively(
    wasm: Path, native: BinaryIO, stop: threading.Event, *, deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Compile the module *wasm* for this machine and wasmtime's configuration, into the open file *native*.

    Blocks until it is done, or *stop* is set. No compiler runs on afterwards, however this ends: not even when this
    process is killed. Raises CompilationFailed, with one sentence.
    """
    due = time.monotonic() + deadline_seconds
    with _compiler(wasm, native) as process:
        while True:
            try:
                _, said = process.communicate(timeout=_LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if stop.is_set():
                    raise CompilationFailed("the compilation of the SQL engine was given up") from None
                if time.monotonic() > due:
                    reason = f"the compilation of the SQL engine took longer than {deadline_seconds:g} s"
                    raise CompilationFailed(reason) from None
    if process.returncode != 0:
        raise CompilationFailed(f"the compiler of the SQL engine {_end_of(process.returncode, said)}")


@contextmanager
def _compiler(wasm: Path, native: BinaryIO) -> Generator["subprocess.Popen[bytes]"]:
    # The child's stdin ends when our end of this pipe is closed: by us, or by the kernel when we are dead.
    its_end, our_end = os.pipe()
    with open(our_end, "wb"):
        with open(its_end, "rb") as stdin:
            process = _start(wasm, native, stdin)
        with process:
            try:
                yield process
            finally:
                process.kill()  # what has ended is not signalled


def _start(wasm: Path, native: BinaryIO, stdin: BinaryIO) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 (our own program and arguments)
            [sys.executable, "-P", "-m", "agent.sql.googlesql.compiler", str(wasm.absolute())],
            stdin=stdin,
            stdout=native,
            stderr=subprocess.PIPE,
            cwd="/",
            env=_environment(),
            start_new_session=True,  # a Ctrl-C in our terminal is not for it: we end it
        )
    except OSError as error:
        raise CompilationFailed(f"the compiler of the SQL engine did not start: {error}") from error


def _environment() -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # One arena of the allocator's for all threads: a tenth less memory at the peak, and no more time.
    return {**passed_on, "PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "1"}


def _end_of(code: int, said: bytes) -> str:
    if code == -signal.SIGKILL:
        return "was killed: there may be too little memory"
    if code < 0:
        return f"was ended by signal {-code}"
    lines = said.decode(errors="replace").strip().splitlines()
    return f"failed: {lines[-1][:_LONGEST_REASON]}" if lines else f"failed with code {code}"
