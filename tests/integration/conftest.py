"""A Postgres for whoever needs one: `database_url`, `database`."""

from tests.postgres import database, database_url, open_folder, postgres

__all__ = ["database", "database_url", "open_folder", "postgres"]
