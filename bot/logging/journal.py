"""journald's native protocol: each field of a line is a field of the journal. Nothing here blocks, nothing raises.

While journald restarts or is slow, lines are kept in the order in which they came, and sent by the next line or by a
thread of our own. What outgrows the memory that they may take is dropped, the oldest first, and counted.
https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
"""

import array
import contextlib
import errno
import fcntl
import json
import logging
import os
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

SOCKET: Final = "/run/systemd/journal/socket"
MOST_KEPT_BYTES: Final = 64 * 2**20
SEND_BUFFER_BYTES: Final = 8 * 2**20
SENT_AT_ONCE: Final = 64
"""Of what is kept, per turn at the socket: whoever logs meanwhile waits for no more."""
PAUSE_SECONDS: Final = 0.001
LONGEST_PAUSE_SECONDS: Final = 0.5
"""Between two tries: short while journald takes something each time, twice as long after each try in vain."""
CLOSE_SECONDS: Final = 3.0
"""How long the end of the process waits for a journald that takes nothing, for it restarts just then."""
LONGEST_CLOSE_SECONDS: Final = 15.0
"""Also for one that takes a little now and then."""

_PRIORITIES: Final = {"critical": 2, "error": 3, "exception": 3, "warning": 4, "warn": 4, "info": 6, "debug": 7}
_NOT_IN_NAMES: Final = re.compile(r"[^A-Z0-9_]")
_NOT_IN_MESSAGE: Final = frozenset({"event", "level", "logger", "timestamp", "exception", "stack"})
_PLAIN: Final = re.compile(r"[^\s\"=]+")
_F_ADD_SEALS: Final = 1033
_ALL_SEALS: Final = 0xF
"""SEAL, SHRINK, GROW, WRITE: journald takes no file that could change under its hands."""


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Of this process."""

    waiting: int = 0
    """Kept for a journald that does not take them now."""
    lost: int = 0


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether *stream* is the one that systemd connected with the journal; a child may have been given another."""
    try:
        at = os.fstat(stream.fileno())
    except (OSError, ValueError):  # closed, or no file at all
        return False
    return environ.get("JOURNAL_STREAM") == f"{at.st_dev}:{at.st_ino}"


def render_entry(_: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """The last structlog processor: a datagram. A formatter has to return text, so each byte is one character of it."""
    level = str(event.get("level", method))
    fields: dict[str, object] = {"MESSAGE": _message(event), "PRIORITY": _PRIORITIES.get(level, 6)}
    fields |= {"SYSLOG_IDENTIFIER": "slack-bot"}
    fields |= {f"BOT_{name}": value for name, value in event.items() if name != "timestamp"}
    return encode(fields.items()).decode("latin-1")


def _message(event: Mapping[str, Any]) -> str:
    """What `journalctl` shows: the event, then `name=value`, then the traceback on lines of its own."""
    parts = [str(event.get("event", ""))]
    for name, value in event.items():
        if name not in _NOT_IN_MESSAGE and value is not None:
            text = _text(value)
            parts.append(f"{name}={text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)}")
    return "\n".join([" ".join(parts), *(str(event[name]) for name in ("stack", "exception") if event.get(name))])


def encode(fields: Iterable[tuple[str, object]]) -> bytes:
    """One entry. A value with a line's end is framed by its length: no text can smuggle a field in."""
    entry = bytearray()
    for name, value in fields:
        if value is None:
            continue
        key = _NOT_IN_NAMES.sub("_", name.upper())[:64].encode()
        text = _text(value).encode("utf-8", "backslashreplace")
        if b"\n" in text:
            entry += key + b"\n" + struct.pack("<Q", len(text)) + text + b"\n"
        else:
            entry += key + b"=" + text + b"\n"
    return bytes(entry)


def _text(value: object) -> str:
    if isinstance(value, dict | list | tuple | bool):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


class Journal:
    """The socket, and what waits for it. Safe to use from any thread."""

    def __init__(self, path: str = SOCKET, *, most_kept_bytes: int = MOST_KEPT_BYTES) -> None:
        self._path = path
        self._most_kept_bytes = most_kept_bytes
        self._lock = threading.Lock()
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._lost = 0
        self._untold = 0
        self._closing = threading.Event()
        self._sender: threading.Thread | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    @property
    def counts(self) -> LineCounts:
        return LineCounts(len(self._kept), self._lost)

    def send(self, entry: bytes) -> None:
        with self._lock:
            if not self._kept and self._put(entry):
                return
            self._keep(entry)
            self._send_kept()
            if self._kept and self._sender is None and not self._closing.is_set():
                self._sender = threading.Thread(target=self._send_until_empty, name="journal-spill", daemon=True)
                self._sender.start()

    def close(self, patience: float = CLOSE_SECONDS) -> None:
        """Send what is left, until nothing is taken for *patience* seconds. May be called again."""
        self._closing.set()
        if (sender := self._sender) is not None:
            sender.join()
        if self._socket.fileno() < 0:
            return
        began = last_taken = time.monotonic()
        while self._kept and (now := time.monotonic()) < min(last_taken + patience, began + LONGEST_CLOSE_SECONDS):
            with self._lock:
                # At the end it may be waited for: room for the next line is there sooner than a pause is over.
                self._socket.settimeout(PAUSE_SECONDS)
                before = len(self._kept)
                self._send_kept()
            if len(self._kept) < before:
                last_taken = now
            else:
                time.sleep(PAUSE_SECONDS)
        self._socket.close()

    def _send_until_empty(self) -> None:
        """The thread's whole life: it ends when nothing waits any more, and the next spill starts another one."""
        pause = PAUSE_SECONDS
        while not self._closing.wait(pause):
            with self._lock:
                before = len(self._kept)
                self._send_kept()
                if not self._kept:
                    self._sender = None  # under the lock: whoever keeps a line next sees that nobody sends it
                    return
                is_taken = len(self._kept) < before
            pause = PAUSE_SECONDS if is_taken else min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _keep(self, entry: bytes) -> None:
        self._kept.append(entry)
        self._kept_bytes += len(entry)
        while self._kept_bytes > self._most_kept_bytes:
            self._kept_bytes -= len(self._kept.popleft())
            self._lost += 1
            self._untold += 1

    def _send_kept(self) -> None:
        if self._untold and self._put(self._told_loss()):
            self._untold = 0
        for _ in range(min(SENT_AT_ONCE, len(self._kept))):
            if not self._put(self._kept[0]):
                return
            self._kept_bytes -= len(self._kept.popleft())

    def _told_loss(self) -> bytes:
        event = {"event": "log.lines_lost", "level": "error", "lines": self._untold, "in_all": self._lost}
        return render_entry(None, "error", event).encode("latin-1")

    def _put(self, entry: bytes) -> bool:
        """False when journald is away (ENOENT, ECONNREFUSED) or its queue is full (EAGAIN)."""
        try:
            self._socket.sendto(entry, self._path)
        except OSError as error:
            # ENOBUFS is told of a datagram that is too large as well, as journald's own library knows.
            return error.errno in (errno.EMSGSIZE, errno.ENOBUFS) and self._put_by_file(entry)
        return True

    def _put_by_file(self, entry: bytes) -> bool:
        """An entry beyond the socket's buffer travels as a sealed file in memory."""
        try:
            file = os.memfd_create("journal-entry", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        except OSError:
            return False
        try:
            with open(file, "wb", closefd=False) as stream:
                stream.write(entry)
            fcntl.fcntl(file, _F_ADD_SEALS, _ALL_SEALS)
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))
            self._socket.sendmsg([b""], [rights], 0, self._path)
        except OSError:
            return False
        else:
            return True
        finally:
            os.close(file)


class JournalHandler(logging.Handler):
    """Sends what `render_entry` made."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self.journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.journal.send(self.format(record).encode("latin-1"))
        except Exception:  # the boundary: no line is worth a turn
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Not the stock one, which prints the line's arguments as they are."""
        with contextlib.suppress(Exception):
            self.journal.send(encode([("MESSAGE", f"log.line_failed logger={record.name}"), ("PRIORITY", 3)]))

    def close(self) -> None:
        self.journal.close()
        super().close()


def line_counts() -> LineCounts:
    """Of this process' handler; zeros where the log is not the journal."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, JournalHandler):
            return handler.journal.counts
    return LineCounts()
