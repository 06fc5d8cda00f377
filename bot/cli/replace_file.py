"""A file in place of another: whole or not at all, and never readable by more people on the way."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, text: str, *, mode: int) -> None:
    """Blocking. A link is followed: what it leads to is replaced. The owner stays; raises OSError."""
    path = path.resolve()
    written, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(written, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            _keep_owner(file.fileno(), path)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keep_owner(new: int, path: Path) -> None:
    """As root, in somebody's folder: the file stays theirs."""
    try:
        old = path.stat()
    except FileNotFoundError:
        return
    mine = os.fstat(new)
    if (old.st_uid, old.st_gid) != (mine.st_uid, mine.st_gid):
        os.fchown(new, old.st_uid, old.st_gid)
