"""What a service tells systemd (sd_notify): one datagram, that is never waited for and whose loss harms nobody.

Without NOTIFY_SOCKET, outside systemd, every call does nothing.
"""

import os
import socket
from collections.abc import Mapping

_LONGEST_STATUS = 500
"""Characters: it is one line of `systemctl status`."""


def notify_ready(status: str) -> bool:
    """`systemctl start` returns."""
    return _notify(f"READY=1\n{_status(status)}")


def notify_stopping(status: str, *, seconds: float | None = None) -> bool:
    """*seconds*: how long the stop may take from now, where that is longer than TimeoutStopSec=."""
    longer = "" if seconds is None else f"\n{_extension(seconds)}"
    return _notify(f"STOPPING=1\n{_status(status)}{longer}")


def notify_status(status: str) -> bool:
    """The line in `systemctl status`."""
    return _notify(_status(status))


def extend_timeout(seconds: float) -> bool:
    """Starting or stopping goes on, and may take *seconds* from now before systemd ends it."""
    return _notify(_extension(seconds))


def ping_watchdog() -> bool:
    return _notify("WATCHDOG=1")


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """WatchdogSec= of this process's unit. None without one, and in a child of the process that it is meant for."""
    microseconds, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not microseconds.isdigit() or int(microseconds) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(microseconds) / 1e6


def _status(text: str) -> str:
    # A line break would begin a field of its own.
    return "STATUS=" + " ".join(text.split())[:_LONGEST_STATUS]


def _extension(seconds: float) -> str:
    return f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}"


def _notify(fields: str) -> bool:
    """Whether systemd was told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("@", "/")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract socket
    try:
        with socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        ) as to_systemd:
            to_systemd.sendto(fields.encode(), address)
    except OSError:  # systemd restarts, or its queue is full: the next one arrives
        return False
    return True
