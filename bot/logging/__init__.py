"""Structured logs: fields in the journal under systemd, a console on a terminal, JSON lines elsewhere.

Whatever leaves here has passed `redaction`: no token, key or password, nobody's personal data.
"""

from bot.logging.configure import configure_logging
from bot.logging.journal import LineCounts, is_journal, line_counts
from bot.logging.redaction import hide_own_secrets, redact, redact_all
from bot.logging.uncaught import log_what_nobody_caught

__all__ = [
    "LineCounts",
    "configure_logging",
    "hide_own_secrets",
    "is_journal",
    "line_counts",
    "log_what_nobody_caught",
    "redact",
    "redact_all",
]
