"""Google's GoogleSQL engine as native code, compiled from WebAssembly once per machine and user.

The cached file is machine code that this process will execute, so it is trusted only in a folder of mode 0700 that
this user owns. Its name carries what it was made from and the hash of its own bytes: one rename publishes both, a
torn or altered file cannot match its name, and an upgrade of wasmtime or of the engine never meets an old file.
"""

import fcntl
import hashlib
import os
import stat
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final, TextIO

import structlog
import wasmtime
from zetasql.wasi import get_wasm_path

from agent.sql.googlesql.compilation import CompilationFailed, compile_natively
from agent.sql.googlesql.wasmtime_engine import MAX_WASM_STACK_BYTES, OPTIMISATION, new_wasmtime_engine

log = structlog.get_logger(__name__)

_LOOK_SECONDS: Final = 0.1
# One empty function: native code of the smallest kind.
_SMALLEST_MODULE = "(module (func))"


class UnsafeCacheFolder(Exception):
    """The folder for compiled native code is not this user's alone."""


class NoExecutableMemory(Exception):
    """This process may not make memory executable (systemd's MemoryDenyWriteExecute)."""


def default_cache_dir(environ: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/data-bolt/googlesql`, else under `~/.cache`. Pass `os.environ`."""
    base = environ.get("XDG_CACHE_HOME", "")
    # The specification says that a relative XDG path is to be ignored.
    root = Path(base) if Path(base).is_absolute() else Path(environ.get("HOME") or Path.home()) / ".cache"
    return root / "data-bolt" / "googlesql"


def compile_module(
    cache_dir: Path,
    engine: wasmtime.Engine | None = None,
    *,
    wasm: Path | None = None,
    stop: threading.Event | None = None,
) -> wasmtime.Module:
    """The engine's module from *cache_dir*, compiled into it first where it is missing (up to a minute, once).

    Blocks: call it off the event loop; *stop*, set from any thread, ends a compilation. Raises UnsafeCacheFolder,
    NoExecutableMemory or CompilationFailed. *wasm* is GoogleSQL's where it is not named.
    """
    engine = engine or new_wasmtime_engine()
    wasm = wasm or get_wasm_path()
    stop = stop or threading.Event()
    _require_executable_memory(engine)
    _claim_folder(cache_dir)
    key = _module_key(wasm)
    if module := _load(cache_dir, key, engine):
        return module
    with _one_compiler(cache_dir / f"{key}.lock", stop):
        # Somebody else may have compiled it while we waited for the lock.
        if (module := _load(cache_dir, key, engine)) is None:
            _compile(cache_dir, key, wasm, stop)
            module = _load(cache_dir, key, engine)
    if module is None:
        raise CompilationFailed("the SQL engine was compiled, but cannot be loaded")
    return module


def find_compiled(cache_dir: Path) -> wasmtime.Module | None:
    """The compiled module, where it is there and intact. Compiles nothing; blocks for a moment.

    Raises UnsafeCacheFolder or NoExecutableMemory.
    """
    engine = new_wasmtime_engine()
    _require_executable_memory(engine)
    _claim_folder(cache_dir)
    return _load(cache_dir, _module_key(get_wasm_path()), engine)


def is_compiled(cache_dir: Path) -> bool:
    """Whether compile_module would be quick. Blocks for a moment: it hashes the .wasm."""
    return any(cache_dir.glob(f"{_module_key(get_wasm_path())}-*.cwasm"))


def _require_executable_memory(engine: wasmtime.Engine) -> None:
    # Asked first: else a good cached file would be taken for a bad one, discarded, and compiled for a minute in vain.
    try:
        wasmtime.Module(engine, _SMALLEST_MODULE)
    except wasmtime.WasmtimeError as error:
        raise NoExecutableMemory(str(error)) from error


def _compile(cache_dir: Path, key: str, wasm: Path, stop: threading.Event) -> None:
    """Under the key's lock: nobody else has this temporary file, and one that lies there is a dead process's."""
    log.info("googlesql.compiling", cache_dir=str(cache_dir), about_seconds=60)
    began = time.monotonic()
    temporary = cache_dir / f"{key}.tmp"
    temporary.unlink(missing_ok=True)
    try:
        with open(temporary, "x+b", opener=_for_ourselves) as file:
            compile_natively(wasm, file, stop)
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        path = temporary.replace(cache_dir / f"{key}-{digest}.cwasm")
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    log.info("googlesql.compiled", path=str(path), bytes=size, seconds=round(time.monotonic() - began, 1))


def _for_ourselves(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _load(cache_dir: Path, key: str, engine: wasmtime.Engine) -> wasmtime.Module | None:
    for path in sorted(cache_dir.glob(f"{key}-*.cwasm")):
        if not _is_intact(path, key):
            log.warning("googlesql.cache_file_discarded", path=str(path))
            path.unlink(missing_ok=True)
            continue
        try:
            # Maps the file: every process of this user shares one copy in memory.
            return wasmtime.Module.deserialize_file(engine, str(path))
        except wasmtime.WasmtimeError as error:
            log.warning("googlesql.cache_file_refused", path=str(path), error=str(error))
            path.unlink(missing_ok=True)
    return None


def _is_intact(path: Path, key: str) -> bool:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return False
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:  # another process discarded it first
        return False
    return path.name == f"{key}-{digest}.cwasm"


def _claim_folder(cache_dir: Path) -> None:
    cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = cache_dir.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafeCacheFolder(f"{cache_dir} is not a folder")
    if status.st_uid != os.geteuid():
        raise UnsafeCacheFolder(f"{cache_dir} belongs to user {status.st_uid}, this process runs as {os.geteuid()}")
    if status.st_mode & 0o077:
        cache_dir.chmod(0o700)  # ours, only too open; every file in it is checked for its owner and hash anyway


@contextmanager
def _one_compiler(lock: Path, stop: threading.Event) -> Generator[None]:
    """One compilation at a time per folder; the kernel frees the lock when its holder dies."""
    with lock.open("w") as file:
        while not _is_ours(file):
            if stop.wait(_LOOK_SECONDS):
                raise CompilationFailed("the SQL engine is being compiled by another process, and nobody waits for it")
        yield


def _is_ours(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@cache
def _module_key(wasm: Path) -> str:
    made_from = hashlib.sha256(wasm.read_bytes())
    made_from.update(f"{version('wasmtime')} {OPTIMISATION} {MAX_WASM_STACK_BYTES}".encode())
    return f"googlesql-{made_from.hexdigest()[:16]}"
