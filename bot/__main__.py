"""`python -m bot`: the daemon. Exit codes: 0 stopped, 78 a setting is missing or wrong, 1 anything else."""

import asyncio
import contextlib
import os
import resource
import sys

import structlog

from bot.daemon import CannotStart, run_until_stopped
from bot.logging import configure_logging, is_journal, log_what_nobody_caught
from bot.secret_settings import secret_values
from bot.settings import ConfigurationError, load_settings, require_daemon_settings

log = structlog.get_logger(__name__)

CONFIGURATION_ERROR = 78
"""sysexits' EX_CONFIG: systemd's RestartPreventExitStatus keeps the unit down until somebody mends the setting."""


def main() -> int:
    with contextlib.suppress(OSError, ValueError):  # under systemd that may be forbidden, and the unit has done it
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file holds every token that the process does
    configure_logging()
    log_what_nobody_caught()
    try:
        settings = load_settings()
        require_daemon_settings(settings)
        configure_logging(settings.log_level, secrets=secret_values(settings))
        asyncio.run(run_until_stopped(settings))
    except ConfigurationError as error:
        if is_journal(sys.stderr, os.environ):  # for who counts events and looks at warnings; on a terminal it is noise
            log.critical("daemon.cannot_start", reason=str(error))
        print(f"slack-bot: {error}", file=sys.stderr)  # noqa: T201  # for the person who starts it, not for the log
        return CONFIGURATION_ERROR
    except CannotStart as error:
        log.error("daemon.cannot_start", reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
