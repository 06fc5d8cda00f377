"""What a line of the log costs, with and without the search for secrets and personal data; a stalled journald too."""

import io
import logging
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.logging.configure import configure_logging
from bot.logging.journal import Journal, JournalHandler, render_entry
from bot.logging.redaction import Redactor
from bot.logging.secrets import Secrets

ROUNDS = 2_000
OWN = [f"own-secret-{number}-with-some-length" for number in range(5)]


def _fields(number: int) -> dict[str, object]:
    """As `turn.finished` has them: ids that no other line has, words that all have."""
    return {
        "turn": f"message:T0LOCAL:C0GENERAL:1795{number:06d}.026317",
        "conversation": f"T0LOCAL:C0GENERAL:1795{number:06d}.026317",
        "user": "U0ANA",
        "surface": "channel",
        "action": "sql_execute",
        "outcome": "answered",
        "language": "en",
        "job": f"bolt_3f2a9c817d5b4e60a1b2c3d4e5f60718_{number}",
        "bytes": 10_485_760,
        "seconds": 1.25,
    }


def _traceback() -> str:
    try:
        Path("/nowhere/at/all").read_text()
    except OSError:
        return structlog.processors.format_exc_info(None, "error", {"exc_info": True})["exception"] * 10
    raise AssertionError("unreachable")


async def measure() -> dict[str, float | int]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    try:
        return {**_redaction(), **_lines(), **_stalled()}
    finally:
        root.handlers, _ = before, root.setLevel(level)
        structlog.reset_defaults()


def _redaction() -> dict[str, float | int]:
    redactor = Redactor(Secrets(OWN))
    trace = _traceback()
    canonical = _median(lambda number: redactor.redact_all(_fields(number)))
    return {
        "us to search a canonical line": canonical,
        "us to search a traceback": _median(lambda _: redactor.redact(trace), 200),
        "characters of that traceback": len(trace),
        "us to search a text with a phone number": _median(
            lambda number: redactor.redact(f"010-1234-{number:04d}"), 200
        ),
    }


def _lines() -> dict[str, float | int]:
    configure_logging("info", io.StringIO(), secrets=OWN)
    log = structlog.get_logger("bot.bench")
    whole = _median(lambda number: log.info("turn.finished", **_fields(number)))
    return {"us of a whole line, as JSON": whole}


def _stalled() -> dict[str, float | int]:
    """How long a line held its writer up while nobody read the socket and the kernel's queue was full."""
    with (
        tempfile.TemporaryDirectory(prefix="dbj-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as frozen,
    ):
        frozen.bind(f"{folder}/socket")
        journal = Journal(f"{folder}/socket")
        handler = JournalHandler(journal)
        handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[render_entry]))
        seconds: list[float] = []
        for number in range(60_000):
            started = time.perf_counter()
            journal.send(render_entry(None, "info", {"event": "x", **_fields(number)}).encode("latin-1"))
            seconds.append(time.perf_counter() - started)
        waiting, lost = journal.counts.waiting, journal.counts.lost
        journal.close(patience=0)
    return {
        "us of a line to a journald that reads nothing": round(statistics.median(seconds) * 1e6, 1),
        "ms of the slowest of 60,000 of them": round(max(seconds) * 1e3, 1),
        "of them kept": waiting,
        "of them lost": lost,
    }


def _median(work: Callable[[int], object], rounds: int = ROUNDS) -> float:
    taken: list[float] = []
    for number in range(rounds):
        started = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - started)
    return round(statistics.median(taken) * 1e6, 1)
