"""A backup put in the place of the database: filled beside it, brought up to date, and then swapped by name."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.storage.backups import BackupFailed, prove
from bot.storage.migrations import migrate
from bot.storage.postgres_tools import ToolFailed, restore
from bot.storage.swap import Neighbours


@dataclass(frozen=True, slots=True)
class Restored:
    database: str
    kept: str
    """What was there before, under a name of its own."""


def restore_backup(uri: str, file: Path, now: datetime) -> Restored:
    """Blocks. Until the names change nothing has happened to the database of *uri*.

    Raises BackupFailed, StillInUse (the daemon runs) or StorageUnavailable.
    """
    prove(file)
    neighbours = Neighbours(uri)
    neighbours.refuse_if_used()
    fresh = neighbours.make_fresh(now)
    try:
        restore(file, neighbours.uri_of(fresh))
        migrate(neighbours.uri_of(fresh))
        kept = neighbours.put_in_place(fresh, now)
    except ToolFailed as error:
        neighbours.drop(fresh)
        raise BackupFailed(f"{file} could not be restored: {error}.") from error
    except BaseException:
        neighbours.drop(fresh)
        raise
    return Restored(neighbours.name, kept)
