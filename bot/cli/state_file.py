"""Where a running `botctl run` can be found by `simulate`, `chat` and `evals`."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class RunState:
    """What a second command needs to join the first."""

    environ: dict[str, str]
    """The settings that lead to the stand-ins."""
    model: str
    """What was asked for with --model."""
    page_url: str | None


class AlreadyRunning(Exception):
    """`botctl run` runs already."""


def _path(state_dir: Path) -> Path:
    return state_dir / "local" / "run.json"


@contextmanager
def run_lock(state_dir: Path) -> Generator[None]:
    """Held while `botctl run` lives; the kernel lets go of it however the process ends."""
    path = _path(state_dir)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.with_suffix(".lock").open("w") as lock:
        if not _try_lock(lock):
            raise AlreadyRunning
        path.unlink(missing_ok=True)  # of a run that was killed
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_run_state(state_dir: Path, state: RunState) -> None:
    path = _path(state_dir)
    draft = path.with_suffix(".tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(state), file)
    draft.replace(path)


def is_run_alive(state_dir: Path) -> bool:
    """Whether a `botctl run` holds this state folder, started up or not."""
    try:
        with _path(state_dir).with_suffix(".lock").open("r+") as lock:
            return not _try_lock(lock)
    except FileNotFoundError:
        return False


def read_run_state(state_dir: Path) -> RunState | None:
    """The running `botctl run` of this state folder; None while there is none, or it is not up yet."""
    if not is_run_alive(state_dir):
        return None  # what the file says is of a run that ended
    try:
        return RunState(**json.loads(_path(state_dir).read_text()))
    except FileNotFoundError:
        return None
