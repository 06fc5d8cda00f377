"""What nobody caught is logged like everything else, redacted, instead of being printed as it is.

Only a crash of the interpreter itself still writes to standard error: faulthandler names files and lines, no values.
asyncio tells its own logger of the tasks that nobody awaited.
"""

import logging
import sys
import threading
from types import TracebackType

import structlog

log = structlog.get_logger(__name__)


def log_what_nobody_caught() -> None:
    """For the daemon's process, after `configure_logging`: exceptions of the main thread and of others, warnings."""
    sys.excepthook = _log_crash
    threading.excepthook = _log_thread_crash
    sys.unraisablehook = _log_unraisable
    logging.captureWarnings(capture=True)


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("daemon.crashed", exc_info=(kind, error, trace))


def _log_thread_crash(crash: threading.ExceptHookArgs) -> None:
    error = crash.exc_value
    log.error("thread.crashed", thread=crash.thread.name if crash.thread else None, exc_info=error)


def _log_unraisable(told: "sys.UnraisableHookArgs") -> None:
    log.error("python.unraisable", where=told.err_msg, exc_info=told.exc_value)
