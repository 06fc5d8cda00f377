"""`botctl postgres serve`: the Postgres of slack-bot-postgres.service, in the foreground until SIGTERM."""

import argparse
import asyncio
import signal

from bot.logging import configure_logging
from bot.secret_settings import secret_values
from bot.settings import ConfigurationError, load_settings
from bot.storage.database import StorageMisconfigured
from bot.storage.postgres_account import PostgresUnavailable
from bot.storage.postgres_binaries import MAJOR
from bot.storage.postgres_tenant import Tenant
from bot.storage.served_postgres import START_SECONDS, ServedPostgres
from bot.systemd import extend_timeout, notify_ready, notify_stopping


async def postgres_serve(options: argparse.Namespace) -> int:
    settings = load_settings()
    configure_logging(settings.log_level, secrets=secret_values(settings))
    if settings.database_url is None:
        raise ConfigurationError("DATABASE_URL is not set: it names the role, the password and the database to serve.")
    try:
        tenant = Tenant.of(settings.database_url.get_secret_value(), options.socket_dir.absolute())
    except StorageMisconfigured as error:
        raise ConfigurationError(str(error)) from None
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.to_thread(ServedPostgres, options.data, options.socket_dir, tenant)
    extend_timeout(START_SECONDS)
    await asyncio.to_thread(server.start)
    notify_ready(f"Postgres {MAJOR} serves the database {tenant.database} in {options.socket_dir}")
    await _until(stop, server)
    return 0


async def _until(stop: asyncio.Event, server: ServedPostgres) -> None:
    """Raises PostgresUnavailable when the server ends before it is told to."""
    ended = asyncio.create_task(asyncio.to_thread(server.wait), name="postgres")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not stopped.done():
        stopped.cancel()
        raise PostgresUnavailable(
            f"Postgres ended with {ended.result()} though nobody asked it to: see its last lines."
        )
    notify_stopping("Postgres writes a checkpoint and ends")
    await asyncio.to_thread(server.stop)
    await ended
