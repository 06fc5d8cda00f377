"""The schema's history, run at every start by whoever comes first."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import NullPool

from bot.storage.database import CONNECT_SECONDS, StorageUnavailable, sqlalchemy_url

LOCK = 0x6461_7461_626F_6C74
"""`databolt` in ASCII: the advisory lock under which one process migrates and the others wait."""


def migrate(uri: str) -> None:
    """Bring the schema of *uri* up to date, in one transaction. Blocks: call it in a thread.

    Raises StorageUnavailable.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(sqlalchemy_url(uri), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (OperationalError, InterfaceError) as error:
        raise StorageUnavailable(f"Postgres did not answer: {error.orig}") from error
