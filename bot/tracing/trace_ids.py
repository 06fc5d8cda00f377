"""Which trace an item's spans belong to: all tries at it are one, on whatever machine and after whatever crash.

The id is told from the item's own key, so nobody has to remember it. It begins with the reference that a person is
shown when a turn was given up (`bot.turns.reference_of`): from there an operator finds the trace.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

_next: Final[ContextVar[int | None]] = ContextVar("next_trace_id", default=None)


def trace_id_of(dedupe_key: str) -> int:
    """As evenly spread as a random one, which is what samplers by ratio ask of it."""
    return int.from_bytes(hashlib.sha256(dedupe_key.encode()).digest()[:16])


class ItemTraceIds(RandomIdGenerator):
    """OpenTelemetry's own, but for a trace that is begun inside `beginning`."""

    def generate_trace_id(self) -> int:
        return _next.get() or super().generate_trace_id()


@contextmanager
def beginning(trace_id: int) -> Generator[None]:
    token = _next.set(trace_id)
    try:
        yield
    finally:
        _next.reset(token)
