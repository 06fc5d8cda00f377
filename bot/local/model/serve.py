"""llama.cpp's own server in a process of its own: `python -m bot.local.model.serve --weights FILE --name NAME`.

Prints one JSON line on stdout when it answers, `{"address": "http://127.0.0.1:PORT"}`, and ends with its parent: stdin
is a pipe that the parent holds open. It imports nothing of ours, for it is started by its path too.
"""

import argparse
import ctypes
import importlib
import json
import os
import platform
import signal
import sys
import threading
from pathlib import Path
from typing import Any

CONTEXT_TOKENS = 8192
"""Shared by all slots; 28 kB per token of the 1.5B, so 0.23 GB."""
SLOTS = 2
"""Router and SQL prompts alternate in every turn: each finds its prefix in a slot of its own."""
PROMPT_CACHE_MIB = 256
"""Prompts that a slot had to give up, kept in memory; llama.cpp's own default is 8 GiB."""
MAX_THREADS = 8
"""Generation is bound by memory bandwidth: more threads than this only heat the machine."""
_PR_SET_PDEATHSIG = 1


def main() -> None:
    arguments = _arguments()
    _end_with_parent()
    announce = _take_stdout()
    server = start(arguments.weights, arguments.name, arguments.threads or threads(), arguments.prefixes)
    announce.write(json.dumps({"address": str(server.listening_address)}) + "\n")
    announce.flush()
    signal.pause()


def start(weights: Path, name: str, thread_count: int, prefixes: Path | None) -> Any:
    """Blocks while the weights are read, 1 to 3 s for the 1.5B; raises RuntimeError when they cannot be."""
    # Before the library loads, which reads it once. Threads that spin at a barrier are fast on an idle machine; on a
    # busy one each waits for another that has no core: 0.3 tokens/s where sleeping ones make 7 to 21 (two cores).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # By name and here: it has no types, and where the extra `local-model` is missing the parent reads so on stderr.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = SLOTS
    params.kv_unified = True
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.cache_idle_slots = (
        False  # a slot keeps its prompt until another needs the room: prefixes.py saves it from there
    )
    params.cpuparams.n_threads = thread_count
    params.cpuparams_batch.n_threads = thread_count
    if prefixes is not None:
        params.slot_save_path = f"{prefixes}/"  # llama.cpp puts the file's name right behind it
    # Repacked weights need 0.6 GB more; where the library's x86 build is concerned they read prompts a quarter slower
    # (21 against 17 CPU seconds for 1050 tokens) and write a tenth faster. Prompts are what people wait for.
    params.no_extra_bufts = platform.machine().lower() in ("x86_64", "amd64")
    params.ui = False
    params.offline = True
    params.verbosity = 1
    return xllamacpp.Server(params)


def threads() -> int:
    """Physical cores that this process may run on: two threads on one core slow each other down."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    cores = {_core_of(cpu) for cpu in usable}
    return max(1, min(len(cores), MAX_THREADS))


def _core_of(cpu: int) -> str:
    """Siblings share this list; a machine that does not tell counts every CPU as a core."""
    try:
        return Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.local.model.serve", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="a .gguf file")
    parser.add_argument("--name", required=True, help="the model id that the server answers to")
    parser.add_argument("--threads", type=int, default=0, help="0 takes the number of physical cores")
    parser.add_argument("--prefixes", type=Path, help="the folder of /slots/N?action=save and restore")
    return parser.parse_args()


def _end_with_parent() -> None:
    """Twice: the kernel's signal covers a load that holds the interpreter, the pipe covers other kernels and the
    parent that died before the signal was asked for."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_exit_at_end_of_stdin, name="parent-watch", daemon=True).start()


def _exit_at_end_of_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    # Native threads are generating: an orderly exit would wait for them.
    os._exit(0)


def _take_stdout() -> Any:
    """llama.cpp prints wherever it likes: what it says on stdout goes to stderr, the real stdout is ours."""
    ours = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return ours


if __name__ == "__main__":
    main()
