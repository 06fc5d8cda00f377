"""The daemon's role and database on a server of ours: made and kept as DATABASE_URL names them."""

from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from bot.storage.database import StorageMisconfigured, libpq_uri
from bot.storage.postgres_access import SUPERUSER

CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Tenant:
    """Who uses the server, and what is theirs on it."""

    role: str
    password: str
    database: str

    @classmethod
    def of(cls, uri: str, socket_folder: Path) -> Self:
        """As *uri*, the daemon's, names it. Raises StorageMisconfigured where it leads to another server."""
        parts = conninfo_to_dict(libpq_uri(uri))
        host, role, password, database = (str(parts.get(part) or "") for part in ("host", "user", "password", "dbname"))
        if host != str(socket_folder):
            raise StorageMisconfigured(
                f"DATABASE_URL leads to {host or 'no host'}, not to {socket_folder}: this server would serve nobody."
            )
        if not (role and password and database):
            raise StorageMisconfigured(
                f"DATABASE_URL needs a user, a password and a database: postgresql://USER:PASSWORD@/DATABASE?host={host}."
            )
        if role == SUPERUSER or '"' in role or "\n" in role:
            raise StorageMisconfigured(f"DATABASE_URL names the role {role!r}: the daemon gets one of its own.")
        return cls(role, password, database)

    def settle(self, superuser_uri: str) -> None:
        """Make what is missing, and let the password be this one: whoever changed the secret restarts the server."""
        with psycopg.connect(superuser_uri, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            if not _is_there(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", self.role):
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(self.role)))
            # CREATEDB: a backup is restored beside the database, which then changes names with it.
            rights = sql.SQL("ALTER ROLE {} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION PASSWORD {}")
            connection.execute(rights.format(sql.Identifier(self.role), sql.Literal(self._verifier(connection))))
            if not _is_there(connection, "SELECT 1 FROM pg_database WHERE datname = %s", self.database):
                make = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(make.format(sql.Identifier(self.database), sql.Identifier(self.role)))

    def _verifier(self, connection: psycopg.Connection) -> str:
        """What the server keeps of the password: so that no statement, and no log of statements, ever holds it."""
        made = connection.pgconn.encrypt_password(self.password.encode(), self.role.encode(), b"scram-sha-256")
        return made.decode()


def _is_there(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
