"""Whether a database may be moved to: a server that fits, and nothing of anybody else's in our place."""

from collections.abc import Sequence

import psycopg

from bot.storage.database import CONNECT_SECONDS, StorageRefused, StorageUnavailable
from bot.storage.server_facts import OLDEST_MAJOR, ServerFacts, read_server_facts
from bot.storage.tables import metadata


async def examine_target(uri: str) -> ServerFacts:
    """Nothing is written. Raises StorageRefused with one sentence, or StorageUnavailable."""
    facts = await read_server_facts(uri)
    reasons = [reason for stands_against, reason in _reasons(facts) if stands_against]
    if reasons:
        raise StorageRefused(f"That server cannot be moved to: {reasons[0]}.")
    return facts


def _reasons(facts: ServerFacts) -> Sequence[tuple[bool, str]]:
    grants = (f"GRANT CREATE ON DATABASE {facts.database}", "GRANT CREATE ON SCHEMA public")
    return (
        (facts.major < OLDEST_MAJOR, f"it is Postgres {facts.version}, and {OLDEST_MAJOR} or newer is needed"),
        (facts.is_read_only, "it takes no writes (a standby, or read-only): name the primary"),
        (facts.encoding != "UTF8", f"its database keeps {facts.encoding}: make it with ENCODING 'UTF8'"),
        (
            facts.pooling == "transaction",
            "a pooler in transaction mode stands before it: name the server itself, or set pool_mode to session",
        ),
        (
            not (facts.may_create_schema and facts.may_create_tables),
            f"the role {facts.role} may not make its tables there: "
            + "; ".join(f"{grant} TO {facts.role}" for grant in grants),
        ),
        (
            bool(facts.unusable_tables),
            f"its {', '.join(facts.unusable_tables)} belong to {facts.owner}, not to {facts.role}",
        ),
        (
            bool(facts.revision) and facts.revision not in facts.known_revisions,
            f"its tables are of another program or a newer release ({facts.revision})",
        ),
    )


def refuse_foreign_tables(uri: str) -> None:
    """Of the same names as ours, but not made by our migrations. Blocks. Raises StorageRefused."""
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)"
        " AND to_regclass('public.alembic_version') IS NULL ORDER BY 1"
    )
    try:
        with psycopg.connect(uri, connect_timeout=CONNECT_SECONDS) as connection:
            foreign = connection.execute(query, (list(metadata.tables),)).fetchall()
    except psycopg.OperationalError as error:
        raise StorageUnavailable(f"Postgres did not answer: {error}") from error
    if foreign:
        names = ", ".join(name for (name,) in foreign)
        raise StorageRefused(f"That database holds tables of another program ({names}): name one of our own.")
