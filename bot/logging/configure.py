"""One pipeline for structlog and for the standard library's loggers, with redaction as its last step but one."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Final, TextIO

import structlog

from bot.logging.journal import Journal, JournalHandler, is_journal, render_entry
from bot.logging.redaction import redact_all, redact_with
from bot.logging.secrets import Secrets, secrets_in_environment

_OURS: Final = ("agent", "bot")
"""Whose news the level is about. Libraries say warnings only: their debug lines hold prompts, headers and SQL."""


def configure_logging(level: str = "info", stream: TextIO | None = None, *, secrets: Iterable[str] = ()) -> None:
    """Send all that is logged to the journal, or to *stream* (standard error): in colour on a terminal, else as JSON.

    *secrets* are the values that no line may hold, beside whatever looks like one.
    """
    redact_with(Secrets([*secrets, *secrets_in_environment(os.environ)]))
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler, render = _destination(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # without local variables: they hold tokens and people's words
                _redact_fields,
                render,
            ],
        )
    )
    root = logging.getLogger()
    before, root.handlers = root.handlers, [handler]
    for old in before:
        if isinstance(old, JournalHandler):
            old.close()
    root.setLevel(max(logging.WARNING, threshold))
    for name in _OURS:
        logging.getLogger(name).setLevel(threshold)


class LineHandler(logging.StreamHandler[TextIO]):
    """Lines on a stream."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Not the stock one, which prints the line's arguments as they are."""
        with contextlib.suppress(Exception):
            self.stream.write(f"log.line_failed logger={record.name}\n")


def _destination(stream: TextIO | None) -> tuple[logging.Handler, structlog.types.Processor]:
    out = stream or sys.stderr
    if is_journal(out, os.environ):
        return JournalHandler(Journal()), render_entry
    if out.isatty():
        # Plain: what is formatted already is printed as it is.
        return LineHandler(out), structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return LineHandler(out), structlog.processors.JSONRenderer(sort_keys=True)


def _redact_fields(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: redact_all(value, name=name) for name, value in event.items()}
