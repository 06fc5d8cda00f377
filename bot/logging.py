"""Structured logs: a console on a terminal, JSON lines elsewhere; tokens never leave the process."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_SECRET = re.compile(r"\b(?:xox[a-z]-|xapp-|sk-|ya29\.|AKIA)[-_A-Za-z0-9.]{6,}|(?<=://)[^\s:/@]+:[^\s@]+(?=@)")
_CHATTY = ("alembic", "httpx", "httpx2", "openai", "slack_bolt", "slack_sdk", "urllib3")
"""Libraries whose own news at info level say nothing that our events do not."""


def redact(text: str) -> str:
    """*text* with tokens, keys and the passwords of URLs replaced."""
    return _SECRET.sub("[redacted]", text)


def _redact_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event


def configure_logging(level: str = "info", stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's loggers to *stream* (standard error) in one format."""
    out = stream or sys.stderr
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if out.isatty():
        # Plain tracebacks: the rich ones show local variables, tokens and people's words among them.
        console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        last: list[structlog.types.Processor] = [_redact_values, console]
    else:
        last = [structlog.processors.format_exc_info, _redact_values, structlog.processors.JSONRenderer(sort_keys=True)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(threshold)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, threshold))
