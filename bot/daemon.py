"""Start, run until told to stop, drain: stop listening first, then finish what is in hand."""

import asyncio
import signal

import structlog

from bot.app import App, open_app
from bot.settings import ConfigurationError, Settings
from bot.slack.client import SlackUnavailable
from bot.slack.identity import WrongToken
from bot.storage.database import StorageUnavailable
from bot.storage.postgres_account import PostgresUnavailable

log = structlog.get_logger(__name__)


class CannotStart(Exception):
    """Something that the daemon needs does not answer now; starting again a little later may help."""


async def run_until_stopped(settings: Settings) -> None:
    """Return after SIGTERM or SIGINT, drained. Raises ConfigurationError or CannotStart."""
    stop, is_open = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running = asyncio.create_task(_open_and_run(settings, stop, is_open), name="daemon")
    stopped = asyncio.create_task(stop.wait(), name="stop-signal")
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not is_open.is_set():
        running.cancel()  # still starting: a database that hangs must not hold up `systemctl stop`
    try:
        await running
    except asyncio.CancelledError:
        log.info("daemon.stopped_while_starting")


async def _open_and_run(settings: Settings, stop: asyncio.Event, is_open: asyncio.Event) -> None:
    try:
        async with open_app(settings) as app:
            is_open.set()
            await run(app, stop)
    except WrongToken as error:
        raise ConfigurationError(str(error)) from None
    except (SlackUnavailable, StorageUnavailable, PostgresUnavailable) as error:
        raise CannotStart(str(error)) from error
    log.info("daemon.stopped")


async def run(app: App, stop: asyncio.Event) -> None:
    """Work until *stop* is set, then drain. Raises what the workers raise."""
    workers = asyncio.create_task(app.workers.run(), name="workers")
    engine = asyncio.create_task(app.engine.open(), name="engine-warm-up")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    connecting = asyncio.create_task(app.socket.connect(), name="slack-connect")
    try:
        await asyncio.wait({connecting, workers, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            await connecting
            log.info("daemon.ready")
        await asyncio.wait({workers, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        connecting.cancel()
        log.info("daemon.draining")
        await app.socket.close()
        app.workers.stop()
        await workers
        for task in (stopped, engine):
            task.cancel()
        await asyncio.gather(stopped, engine, connecting, return_exceptions=True)
