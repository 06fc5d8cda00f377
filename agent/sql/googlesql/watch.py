"""Stops a call into WebAssembly that runs too long, takes too much memory, or is asked to stop.

WebAssembly cannot be interrupted from outside but for one thing: it compares wasmtime's epoch with its deadline at
every loop and call. Each call's deadline is the next epoch, and the epoch only moves when a call must end.
"""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

StopReason: TypeAlias = Literal["deadline", "memory", "interrupted"]

MEMORY_POLL_SECONDS = 0.05
"""How often a long call's memory is read: wasmtime's own limits do not reach a shared memory."""
LONGEST_SHARE = 8
"""Times the deadline that a call may take by the clock on the wall, where it gets little of a busy machine."""


@dataclass(slots=True)
class _Call:
    working_seconds: Callable[[], float]
    """How long its thread has computed: on a burdened machine a plain statement must not look like an endless one."""
    due: float
    """By that clock."""
    latest: float
    """By the monotonic clock."""
    memory_bytes: Callable[[], int]
    stopped: StopReason | None = None

    def seconds_left(self) -> float:
        return min(self.due - self.working_seconds(), self.latest - time.monotonic())


def _cpu_clock() -> Callable[[], float]:
    """Of the thread that calls this, readable from any; the monotonic clock where the system has none (macOS)."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    clock = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(clock)


class CallWatch:
    """One thread that watches one instance's calls. `close` ends it."""

    def __init__(self, increment_epoch: Callable[[], None], *, memory_limit_bytes: int) -> None:
        self._increment_epoch = increment_epoch
        self._memory_limit_bytes = memory_limit_bytes
        self._changed = threading.Condition()
        self._call: _Call | None = None
        self._closed = False
        self._refusing = False
        self._thread = threading.Thread(target=self._watch, name="googlesql-watch", daemon=True)
        self._thread.start()

    @contextmanager
    def watching(self, deadline_seconds: float, memory_bytes: Callable[[], int]) -> Generator["_Call"]:
        """Watch what runs inside, on this thread; `.stopped` says whether the watch ended it, and why.

        *deadline_seconds* of computing, or LONGEST_SHARE times as long by the clock on the wall. The call's epoch
        deadline must be set before: one that is set after the epoch has moved is never reached.
        """
        clock = _cpu_clock()
        latest = time.monotonic() + LONGEST_SHARE * deadline_seconds
        call = _Call(clock, clock() + deadline_seconds, latest, memory_bytes)
        with self._changed:
            if self._refusing:
                call.stopped = "interrupted"
            self._call = call
            self._changed.notify()
        try:
            yield call
        finally:
            # Under the lock: an epoch that moved for this call must not be felt by the next one.
            with self._changed:
                self._call = None

    def interrupt(self) -> None:
        """End the running call, and every later one at its start, until `resume`; from any thread.

        It holds because whoever interrupts cannot know whether a call runs right now or is about to.
        """
        with self._changed:
            self._refusing = True
            if self._call is not None:
                self._stop(self._call, "interrupted")

    def resume(self) -> None:
        with self._changed:
            self._refusing = False

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                call = self._call
                if call is None or call.stopped is not None:
                    self._changed.wait()
                elif call.memory_bytes() > self._memory_limit_bytes:
                    self._stop(call, "memory")
                elif (remaining := call.seconds_left()) <= 0:
                    self._stop(call, "deadline")
                else:
                    self._changed.wait(min(remaining, MEMORY_POLL_SECONDS))

    def _stop(self, call: _Call, reason: StopReason) -> None:
        if call.stopped is None:
            call.stopped = reason
            self._increment_epoch()
