"""The schema's history, run at every start by whoever comes first.

A migration only adds: while an upgrade goes on, and after a rollback, a release runs on the schema of a newer one.
"""

from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from bot.storage.database import CONNECT_SECONDS, StorageMisconfigured, StorageUnavailable, sqlalchemy_url

log = structlog.get_logger(__name__)

LOCK = 0x6461_7461_626F_6C74
"""`databolt` in ASCII: the advisory lock under which one process migrates and the others wait."""


def migrate(uri: str) -> None:
    """Bring the schema of *uri* up to date, in one transaction; a newer one stays. Blocks: call it in a thread.

    Raises StorageUnavailable, or StorageMisconfigured where the role may not make tables.
    """
    config = _config()
    engine = create_engine(sqlalchemy_url(uri), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            if newer := _newer_revision(connection, config):
                log.info("schema.newer_than_this_release", revision=newer)
                return
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (OperationalError, InterfaceError) as error:
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


def _newer_revision(connection: Connection, config: Config) -> str | None:
    """Where the schema stands, if a later release than this one brought it there."""
    stands_at = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(config).get_current_head()
    return stands_at if stands_at and head and stands_at > head else None  # four digits each: 0014 > 0009
