"""The compiler as a program: a WebAssembly file in, native code out on stdout, one sentence on stderr where it fails.

Run by compilation.py, as `python -m agent.sql.googlesql.compiler FILE`. A process of its own, for a compilation takes a
gigabyte, most of which would stay with the process that did it. It ends when its stdin does, that is, with its parent.
"""

import contextlib
import os
import sys
import threading
from pathlib import Path

import wasmtime

from agent.sql.googlesql.wasmtime_engine import new_wasmtime_engine


def main() -> None:
    threading.Thread(target=_exit_at_end_of_stdin, name="parent-watch", daemon=True).start()
    with contextlib.suppress(OSError):  # no Linux: where memory runs out, we go before our parent
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        module = wasmtime.Module.from_file(new_wasmtime_engine(), sys.argv[1])
        with open(sys.stdout.fileno(), "wb", closefd=False) as native:  # a full disk is told here
            native.write(module.serialize())
    except (wasmtime.WasmtimeError, OSError) as error:
        sys.exit(" ".join(str(error).split()))


def _exit_at_end_of_stdin() -> None:
    # Unbuffered: at the interpreter's end nobody may hold the lock of sys.stdin.
    while os.read(0, 4096):
        pass
    os._exit(1)  # threads of wasmtime's are at work: an orderly exit would wait for them


if __name__ == "__main__":
    main()
