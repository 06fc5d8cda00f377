"""Postgres: does it answer, is it ours to write to, does its schema fit this code, has it connections enough?"""

from typing import Final

from psycopg.conninfo import conninfo_to_dict

from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.patient import Patient
from bot.storage.database import StorageMisconfigured, StorageUnavailable, libpq_uri
from bot.storage.fitness import connections_of_a_daemon
from bot.storage.postgres_account import PostgresUnavailable
from bot.storage.server_facts import OLDEST_MAJOR, ServerFacts

_SHOWN: Final = 4


async def examine_postgres(patient: Patient) -> Outcome:
    try:
        facts = await patient.postgres()
    except StorageMisconfigured as error:
        return fail("DATABASE_URL leads nowhere", str(error))
    except StorageUnavailable as error:
        return fail(str(error).rstrip("."), f"{error.advice}.")
    except PostgresUnavailable as error:
        return fail(str(error).splitlines()[0].rstrip("."), "Mend that, or set DATABASE_URL to a server.")
    return _unfit(facts) or ok(f"Postgres {facts.version}, {_place(patient)}; it needs no extensions")


def _place(patient: Patient) -> str:
    url = patient.settings.database_url
    if url is None:
        return "embedded"
    return f"at {conninfo_to_dict(libpq_uri(url.get_secret_value())).get('host') or 'this machine'}"


def _unfit(facts: ServerFacts) -> Outcome | None:
    if facts.major < OLDEST_MAJOR:
        return fail(f"Postgres {facts.version} is too old", f"Take {OLDEST_MAJOR} or newer.")
    if facts.is_read_only:
        return fail("this Postgres takes no writes (a standby, or read-only)", "Name the primary in DATABASE_URL.")
    if facts.encoding != "UTF8":
        return fail(f"the database keeps {facts.encoding}", "Make it anew: CREATE DATABASE ... ENCODING 'UTF8'.")
    return None


async def examine_pooler(patient: Patient) -> Outcome:
    facts = await patient.postgres()
    if facts.pooling == "transaction":
        return fail(
            "a pooler in transaction mode stands before it: LISTEN and advisory locks are lost between statements",
            "Name the server itself in DATABASE_URL, or set the pooler's pool_mode to session.",
        )
    return ok("reached directly" if facts.pooling == "none" else "a pooler in session mode stands before it")


async def examine_rights(patient: Patient) -> Outcome:
    facts = await patient.postgres()
    if facts.unusable_tables:
        tables = ", ".join(facts.unusable_tables[:_SHOWN])
        return fail(
            f"the role {facts.role} may not read and write {tables}",
            f"Let it own them: as the present owner, REASSIGN OWNED BY {facts.owner or 'the owner'} TO {facts.role};",
        )
    missing = [
        what
        for what, is_given in (
            (f"CREATE ON DATABASE {facts.database}", facts.may_create_schema),
            ("CREATE ON SCHEMA public", facts.may_create_tables),
        )
        if not is_given
    ]
    if missing:
        told = ", ".join(f"GRANT {what} TO {facts.role};" for what in missing)
        return fail(f"the role {facts.role} lacks {' and '.join(missing)}", f"As an administrator: {told}")
    return ok(f"the role {facts.role} may make and use its tables")


async def examine_migrations(patient: Patient) -> Outcome:
    facts = await patient.postgres()
    if not facts.revision:
        return warn("no tables yet", "The daemon makes them when it starts: start it.")
    if facts.revision not in facts.known_revisions:
        return warn(
            f"the schema is of a newer release ({facts.revision}), and this one runs on it",
            "Finish the upgrade; after a rollback leave it so. `botctl version` says which release this is.",
        )
    behind = facts.known_revisions.index(facts.revision)
    if behind:
        return fail(
            f"the schema is {behind} migration{'s' * (behind > 1)} behind: {facts.revision}, "
            f"this release has {facts.known_revisions[0]}",
            "Start the daemon of this release again, or run `botctl prepare schema`: each migrates first.",
        )
    return ok(f"at {facts.revision}, the newest")


async def examine_checkpoints(patient: Patient) -> Outcome:
    settings = patient.settings
    if settings.langgraph_checkpoint_backend != "postgres":
        if settings.langgraph_checkpoint_backend == "memory":
            return warn("conversations are forgotten at exit", "Unset LANGGRAPH_CHECKPOINT_BACKEND to keep them.")
        raise Skip("conversations are kept in DynamoDB")
    facts = await patient.postgres()
    if not facts.checkpoint_tables:
        return warn("no tables for conversations yet", "The daemon makes them when it starts: start it.")
    if facts.unusable_checkpoint_tables:
        tables = ", ".join(facts.unusable_checkpoint_tables[:_SHOWN])
        return fail(
            f"the role {facts.role} may not read and write {tables}",
            f"Let it own the schema langgraph: ALTER SCHEMA langgraph OWNER TO {facts.role}; and its tables.",
        )
    return ok("conversations are kept in the schema langgraph")


async def examine_connections(patient: Patient) -> Outcome:
    facts = await patient.postgres()
    settings = patient.settings
    keeps_checkpoints = settings.langgraph_checkpoint_backend == "postgres"
    each = connections_of_a_daemon(settings.workers, keeps_checkpoints=keeps_checkpoints)
    room = facts.connections_left_for_us
    told = f"{room} of {facts.max_connections} connections for us, a daemon takes up to {each}"
    remedy = "Raise max_connections (and restart Postgres), or lower WORKERS."
    if room < each:
        return fail(told, remedy)
    if room < 2 * each:  # an upgrade runs the old and the new beside one another
        return warn(f"{told}; an upgrade runs two at once", remedy)
    return ok(told)
