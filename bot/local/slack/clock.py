"""Message timestamps: Slack's ts is a time and an id in one, so no two may be equal."""

from datetime import UTC, datetime


def now() -> float:
    """Seconds since the epoch."""
    return datetime.now(UTC).timestamp()


class Timestamps:
    """Hands out ts values that rise strictly, even within one microsecond and over a clock that is set back."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """The next ts, like `1767225600.000100`."""
        self._last = max(int(now() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def seen(self, ts: str) -> None:
        """Never hand out *ts* or an earlier one again: it lies in the saved conversation."""
        seconds, _, micros = ts.partition(".")
        self._last = max(self._last, int(seconds) * 1_000_000 + int(micros or 0))
