"""The schema's history, run at every start by whoever comes first.

A migration only adds: while an upgrade goes on, and after a rollback, a release runs on the schema of a newer one.
"""

from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from bot.storage.database import CONNECT_SECONDS, StorageBusy, StorageMisconfigured, StorageUnavailable, sqlalchemy_url

log = structlog.get_logger(__name__)

LOCK = 0x6461_7461_626F_6C74
"""`databolt` in ASCII: the advisory lock under which one process migrates and the others wait."""
LONGEST_WAIT_SECONDS = 2.0
"""For a table that others use (a backup reads it): who comes behind us waits too, and Slack's acks have three."""


def migrate(uri: str, *, longest_wait_seconds: float = LONGEST_WAIT_SECONDS) -> None:
    """Bring the schema of *uri* up to date, in one transaction; a newer one stays. Blocks: call it in a thread.

    Raises StorageUnavailable, StorageBusy where a table that is to be changed is in use, or StorageMisconfigured where
    the role may not make tables.
    """
    config = _config()
    engine = create_engine(sqlalchemy_url(uri), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            if newer := _newer_revision(connection, config):
                log.info("schema.newer_than_this_release", revision=newer)
                return
            # For tables only, not for the lock above.
            connection.execute(text(f"SET LOCAL lock_timeout = {int(longest_wait_seconds * 1000)}"))
            config.attributes["connection"] = connection
            stood_at = _revision(connection)
            command.upgrade(config, "head")
            stands_at = _revision(connection)
        if stands_at != stood_at:
            log.info("schema.migrated", before=stood_at, now=stands_at)
    except (OperationalError, InterfaceError) as error:
        if isinstance(error.orig, LockNotAvailable):
            raise StorageBusy("A table that is to be changed is in use, by a backup perhaps") from None
        raise StorageUnavailable(f"Postgres did not answer: {error.orig}") from error
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        refusal = error.orig.diag.message_primary
        raise StorageMisconfigured(
            f"The role of DATABASE_URL may not make its tables ({refusal}): `botctl db check` names the right."
        ) from None


def revisions() -> tuple[str, ...]:
    """Those that this release knows, newest first. Blocking: it reads their files."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newer_revision(connection: Connection, config: Config) -> str | None:
    """Where the schema stands, if a later release than this one brought it there."""
    stands_at = _revision(connection)
    head = ScriptDirectory.from_config(config).get_current_head()
    return stands_at if stands_at and head and stands_at > head else None  # four digits each: 0014 > 0009
