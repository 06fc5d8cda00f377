"""Slack's bad days, a button each: so that a developer sees how the bot copes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from bot.local.slack.call import Call
from bot.local.slack.courier import Courier
from bot.local.slack.envelopes import Envelope
from bot.local.slack.faults import Fault, Faults
from bot.local.slack.shapes import Json

WRITING: Final = (
    "chat.postMessage",
    "chat.update",
    "chat.startStream",
    "chat.appendStream",
    "chat.stopStream",
)
HALF_OPEN_SECONDS: Final = 60.0
"""Until Slack, too, finds out that a link is dead."""
LATE_SECONDS: Final = 10.0
SLOW_SECONDS: Final = 3.0
SLOW_CALLS: Final = 20
RETRY_AFTER_SECONDS: Final = 5
SHOWN: Final = 14
"""The newest calls and envelopes that are told of."""

Strike = Callable[[], Awaitable[None]]


class Trouble:
    """Each kind strikes once; what it does goes away by itself."""

    def __init__(self, courier: Courier, faults: Faults, calls: Sequence[Call]) -> None:
        self._courier = courier
        self._faults = faults
        self._calls = calls
        self._strikes: Mapping[str, Strike] = {
            "drop": self._drop,
            "refresh": self._refresh,
            "half_open": self._half_open,
            "rate_limit": self._rate_limit,
            "fail": self._fail,
            "cut": self._cut,
            "slow": self._slow,
            "late": self._late,
            "redeliver": self._redeliver,
        }

    async def strike(self, kind: str) -> None:
        """Raises LookupError for what is none of the kinds, or has nothing to strike."""
        if kind not in self._strikes:
            raise LookupError(f"no such trouble: {kind}")
        await self._strikes[kind]()

    def seen(self) -> Json:
        """How the bot copes: its sockets, the newest envelopes and calls, newest first."""
        return {
            "sockets": len(self._courier.links.open),
            "waiting": len(self._courier.unanswered_events),
            "envelopes": [_envelope(one) for one in reversed(self._courier.envelopes[-SHOWN:])],
            "calls": [{"method": call.method, "error": call.error} for call in reversed(self._calls[-SHOWN:])],
        }

    async def _drop(self) -> None:
        for link in self._courier.links.open:
            link.drop()

    async def _refresh(self) -> None:
        await self._courier.refresh()

    async def _half_open(self) -> None:
        for link in self._courier.links.open:
            link.freeze(HALF_OPEN_SECONDS)

    async def _rate_limit(self) -> None:
        for method in WRITING:
            self._faults.add(method, Fault("ratelimited", 429, RETRY_AFTER_SECONDS), times=2)

    async def _fail(self) -> None:
        for method in WRITING:
            self._faults.add(method, Fault("internal_error", 503), times=2)

    async def _cut(self) -> None:
        for method in WRITING:
            self._faults.add(method, Fault(after=True, cut=True))

    async def _slow(self) -> None:
        self._faults.slow_down(SLOW_SECONDS, SLOW_CALLS)

    async def _late(self) -> None:
        self._courier.delay_next(LATE_SECONDS)

    async def _redeliver(self) -> None:
        events = [envelope for envelope in self._courier.envelopes if envelope.is_redelivered]
        if not events or not self._courier.links.open:
            raise LookupError("no event to bring again, or nobody to bring it to")
        await self._courier.redeliver(events[-1])


def _envelope(envelope: Envelope) -> Json:
    kind = envelope.event.get("type") or envelope.payload.get("command") or envelope.payload.get("type")
    return {
        "what": kind,
        "deliveries": len(envelope.deliveries),
        "milliseconds": round(envelope.acks[0].seconds * 1000, 1) if envelope.acks else None,
        "link": envelope.acks[0].link if envelope.acks else None,
        "abandoned": envelope.abandoned,
    }
