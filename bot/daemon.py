"""Start, run until told to stop, drain: stop listening first, then finish what is in hand. systemd hears of each."""

import asyncio
import contextlib
import signal
from dataclasses import dataclass, field

import structlog

from agent.sql.googlesql.errors import EngineUnavailable
from agent.sql.googlesql.thread import EngineThread
from bot.app import App, open_app
from bot.settings import ConfigurationError, Settings
from bot.slack.client import SlackUnavailable
from bot.slack.identity import WrongToken
from bot.status_line import status_line
from bot.storage.database import StorageUnavailable
from bot.storage.postgres_account import PostgresUnavailable
from bot.supervised import StartExtension, keep_supervisor_informed
from bot.systemd import notify_stopping
from bot.version import running_version

log = structlog.get_logger(__name__)

CLOSING_SECONDS = 40.0
"""What a stop takes at most beyond the drain: acks in hand, items given back, connections closed."""


class CannotStart(Exception):
    """Something that the daemon needs does not answer now; starting again a little later may help."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the process was told from outside."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    """Told to stop twice, by somebody who does not wait for the drain."""

    def take(self) -> None:
        (self.hurry if self.stop.is_set() else self.stop).set()


async def run_until_stopped(settings: Settings) -> None:
    """Return after SIGTERM or SIGINT, drained. Raises ConfigurationError or CannotStart."""
    signals, is_open = Signals(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signals.take)
    running = asyncio.create_task(_open_and_run(settings, signals, is_open), name="daemon")
    stopped = asyncio.create_task(signals.stop.wait(), name="stop-signal")
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not is_open.is_set():
        running.cancel()  # still starting: a database that hangs must not hold up `systemctl stop`
    try:
        await running
    except asyncio.CancelledError:
        log.info("daemon.stopped_while_starting")


async def _open_and_run(settings: Settings, signals: Signals, is_open: asyncio.Event) -> None:
    log.info("daemon.starting", version=str(await asyncio.to_thread(running_version)))
    try:
        async with StartExtension() as start, open_app(settings) as app:
            is_open.set()
            await run(app, signals, start, drain_seconds=settings.drain_seconds)
    except WrongToken as error:
        raise ConfigurationError(str(error)) from None
    except (SlackUnavailable, StorageUnavailable, PostgresUnavailable) as error:
        raise CannotStart(str(error)) from error
    log.info("daemon.stopped")


async def run(app: App, signals: Signals, start: StartExtension, *, drain_seconds: float) -> None:
    """Work until told to stop, then drain. Raises what the workers raise."""
    workers = asyncio.create_task(app.workers.run(), name="workers")
    stopped = asyncio.create_task(signals.stop.wait(), name="stop")
    hurried = asyncio.create_task(_pass_on_hurry(app, signals), name="hurry")
    engine = asyncio.create_task(_warm_up(app.engine), name="engine-warm-up")
    connecting = asyncio.create_task(app.socket.connect(), name="slack-connect")
    supervisor = asyncio.create_task(_inform_when_ready(app, start, connecting, engine), name="supervisor")
    try:
        await asyncio.wait({connecting, workers, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            await connecting
        await asyncio.wait({workers, stopped, supervisor}, return_when=asyncio.FIRST_COMPLETED)
        if supervisor.done():
            await supervisor  # once ready it ends by an error only, and then nobody feeds the watchdog
    finally:
        connecting.cancel()
        log.info("daemon.draining")
        app.vitals.is_draining = True
        notify_stopping(status_line(app.vitals.read()), seconds=drain_seconds + CLOSING_SECONDS)
        await app.socket.close()
        app.workers.stop()
        await workers
        for task in (stopped, hurried, engine, supervisor):
            task.cancel()
        await asyncio.gather(stopped, hurried, engine, supervisor, connecting, return_exceptions=True)


async def _inform_when_ready(
    app: App, start: StartExtension, connecting: asyncio.Task[None], engine: asyncio.Task[None]
) -> None:
    """Ready is: connected, and the SQL engine is at hand, or is known not to be."""
    await asyncio.wait({engine})
    await asyncio.wait({connecting})
    if app.vitals.is_draining or connecting.cancelled() or connecting.exception() is not None:
        return  # told to stop meanwhile, or `run` has the error
    log.info("daemon.ready")
    await start.end()
    await keep_supervisor_informed(app.vitals.read, app.socket.pong_age)


async def _warm_up(engine: EngineThread) -> None:
    with contextlib.suppress(EngineUnavailable):  # said by itself, and every query needs approval until the next start
        await engine.open()


async def _pass_on_hurry(app: App, signals: Signals) -> None:
    await signals.hurry.wait()
    log.warning("daemon.hurried")
    app.workers.hurry()
