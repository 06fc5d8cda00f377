"""journald's side is a socket of the test's own, in a folder of its own."""

import array
import logging
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.logging.journal import Journal, JournalHandler, LineCounts, encode, is_journal, line_counts, render_entry

PATIENCE_SECONDS = 30.0


class Journald:
    """Binds and goes away like journald; `stop` leaves no socket behind, as when it restarts without its unit."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None

    def start(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._path)
        self._socket.setblocking(False)

    def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            os.unlink(self._path)

    def read(self) -> dict[str, str] | None:
        """The next entry's fields; None when there is none now."""
        assert self._socket is not None
        try:
            data, rights, _, _ = self._socket.recvmsg(1 << 20, socket.CMSG_SPACE(array.array("i").itemsize))
        except BlockingIOError:
            return None
        if rights:
            (file,) = array.array("i", rights[0][2])
            with open(file, "rb") as sealed:
                sealed.seek(0)
                data = sealed.read()
        return decoded(data)

    def read_all(self, count: int) -> list[dict[str, str]]:
        """*count* entries, however long they take."""
        read: list[dict[str, str]] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(read) < count:
            entry = self.read()
            if entry is not None:
                read.append(entry)
            else:
                assert time.monotonic() < deadline, f"only {len(read)} of {count} entries came"
                time.sleep(0.001)
        assert self.read() is None
        return read


def decoded(data: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    while data:
        line, _, data = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack("<Q", data[:8])
            value, data = data[8 : 8 + length], data[8 + length + 1 :]
        fields[name.decode()] = value.decode()
    return fields


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: a socket's path holds 108 bytes."""
    with tempfile.TemporaryDirectory(prefix="dbj-") as folder:
        yield Path(folder)


@pytest.fixture
def journald(folder: Path) -> Iterator[Journald]:
    server = Journald(str(folder / "socket"))
    yield server
    server.stop()


@pytest.fixture
def open_journal(folder: Path) -> Iterator[Callable[..., Journal]]:
    opened: list[Journal] = []

    def open_one(**more: Any) -> Journal:
        opened.append(Journal(str(folder / "socket"), **more))
        return opened[-1]

    yield open_one
    for journal in opened:
        journal.close(patience=0)


def entry(text: str) -> bytes:
    return encode([("MESSAGE", text)])


def messages(entries: list[dict[str, str]]) -> list[str]:
    return [entry["MESSAGE"] for entry in entries]


def test_each_field_of_a_line_is_a_field_of_the_journal(journald: Journald, open_journal: Callable[..., Journal]):
    journald.start()
    event = {"event": "turn.finished", "level": "warning", "timestamp": "now", "logger": "bot.turn_line"}
    event |= {"item": "message:1", "usd": 0.5, "why": "two words", "is_cached": False, "jobs": ["a"], "approval": None}
    open_journal().send(render_entry(None, "warning", event).encode("latin-1"))
    assert journald.read_all(1) == [
        {
            "MESSAGE": 'turn.finished item=message:1 usd=0.5 why="two words" is_cached=false jobs="[\\"a\\"]"',
            "PRIORITY": "4",
            "SYSLOG_IDENTIFIER": "slack-bot",
            "BOT_EVENT": "turn.finished",
            "BOT_LEVEL": "warning",
            "BOT_LOGGER": "bot.turn_line",
            "BOT_ITEM": "message:1",
            "BOT_USD": "0.5",
            "BOT_WHY": "two words",
            "BOT_IS_CACHED": "false",
            "BOT_JOBS": '["a"]',
        }
    ]


def test_a_text_of_several_lines_smuggles_no_field_in(journald: Journald, open_journal: Callable[..., Journal]):
    journald.start()
    event = {"event": "x", "said": "one\n_UID=0\nPRIORITY=0", "a-b c": "한글", "exception": "Traceback\n  here"}
    open_journal().send(render_entry(None, "info", event).encode("latin-1"))
    (read,) = journald.read_all(1)
    assert read["BOT_SAID"] == "one\n_UID=0\nPRIORITY=0"
    assert read["PRIORITY"] == "6"
    assert read["BOT_A_B_C"] == "한글"
    assert read["MESSAGE"].endswith("\nTraceback\n  here")
    assert "_UID" not in read


def test_a_lone_surrogate_costs_no_line(journald: Journald, open_journal: Callable[..., Journal]):
    journald.start()
    open_journal().send(entry("half \ud83d"))
    assert messages(journald.read_all(1)) == ["half \\ud83d"]


def test_an_entry_beyond_the_sockets_buffer_travels_as_a_file(journald: Journald, open_journal: Callable[..., Journal]):
    journald.start()
    open_journal().send(entry("x" * (20 << 20)))
    assert [len(message) for message in messages(journald.read_all(1))] == [20 << 20]


def test_lines_wait_for_a_journald_that_is_away_and_come_in_their_order_without_another_one(
    journald: Journald, open_journal: Callable[..., Journal]
):
    journal = open_journal()
    for number in range(500):
        journal.send(entry(str(number)))
    assert journal.counts == LineCounts(waiting=500, lost=0)
    journald.start()
    assert messages(journald.read_all(500)) == [str(number) for number in range(500)]


def test_a_journald_that_reads_nothing_holds_nobody_up_and_loses_nothing(
    journald: Journald, open_journal: Callable[..., Journal]
):
    journald.start()
    journal = open_journal()
    for number in range(1_000):  # far beyond what the kernel queues
        journal.send(entry(str(number)))
    assert journal.counts.waiting > 0
    assert messages(journald.read_all(1_000)) == [str(number) for number in range(1_000)]


def test_lines_of_several_threads_all_come_once_and_each_threads_in_order(
    journald: Journald, open_journal: Callable[..., Journal]
):
    journald.start()
    journal = open_journal()

    def write(thread: int) -> None:
        for number in range(400):
            journal.send(entry(f"{thread}:{number}"))

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    read = messages(journald.read_all(1_600))
    for thread in threads:
        thread.join()
    for number in range(4):
        assert [line for line in read if line.startswith(f"{number}:")] == [f"{number}:{line}" for line in range(400)]


def test_beyond_its_memory_the_oldest_lines_are_lost_and_their_number_is_told(
    journald: Journald, open_journal: Callable[..., Journal]
):
    journal = open_journal(most_kept_bytes=20 * len(entry("100")))
    for number in range(100, 150):
        journal.send(entry(str(number)))
    assert journal.counts == LineCounts(waiting=20, lost=30)
    journald.start()
    told, *kept = journald.read_all(21)
    assert (told["BOT_EVENT"], told["BOT_LINES"], told["PRIORITY"]) == ("log.lines_lost", "30", "3")
    assert messages(kept) == [str(number) for number in range(130, 150)]


def test_what_waits_at_the_end_of_the_process_is_sent_before_it_ends(
    journald: Journald, open_journal: Callable[..., Journal]
):
    journal = open_journal()
    journal.send(entry("last"))
    journald.start()
    journal.close()
    assert messages(journald.read_all(1)) == ["last"]
    journal.send(entry("after the end"))  # nobody hears it, and nobody is hurt
    journal.close()


def test_however_much_waits_at_the_end_it_is_all_sent_to_a_journald_that_reads(
    journald: Journald, open_journal: Callable[..., Journal]
):
    journal = open_journal()
    for number in range(3_000):
        journal.send(entry(str(number)))
    journald.start()
    closing = threading.Thread(target=journal.close)
    closing.start()
    assert messages(journald.read_all(3_000)) == [str(number) for number in range(3_000)]
    closing.join()


def test_the_journal_is_known_by_the_stream_itself_for_a_child_may_have_been_given_another(tmp_path: Path):
    with (tmp_path / "out").open("w") as stream:
        at = os.fstat(stream.fileno())
        assert is_journal(stream, {"JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino}"})
        assert not is_journal(stream, {"JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino + 1}"})
        assert not is_journal(stream, {})
    assert not is_journal(stream, {"JOURNAL_STREAM": "1:2"})


def test_the_log_is_counted_for_whoever_asks(open_journal: Callable[..., Journal]):
    handler = JournalHandler(open_journal())
    root = logging.getLogger()
    before = line_counts()
    root.addHandler(handler)
    try:
        handler.handle(logging.LogRecord("x", logging.INFO, "x.py", 1, "said", (), None))
        assert (before, line_counts()) == (LineCounts(), LineCounts(waiting=1))
        handler.handle(logging.LogRecord("x", logging.INFO, "x.py", 1, "%d", ("no number",), None))
        assert line_counts().waiting == 2  # which says that a line failed
    finally:
        root.removeHandler(handler)
