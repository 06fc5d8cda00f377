"""What goes down a socket to the bot, and what is remembered about it."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.local.slack.shapes import Json

EnvelopeType: TypeAlias = Literal["events_api", "slash_commands", "interactive"]


@dataclass(frozen=True, slots=True)
class Ack:
    """One answer of the bot to one envelope."""

    envelope_id: str
    payload: Json | None
    link: int
    """Which socket it came by, counted from 1."""
    seconds: float
    """From the latest delivery to the ack."""


@dataclass(frozen=True, slots=True)
class Delivery:
    wire_id: str
    """The envelope_id of this delivery: Slack gives each attempt a new one."""
    link: int
    retry_attempt: int
    at: float
    """Monotonic seconds."""


@dataclass(slots=True, eq=False)
class Envelope:
    type: EnvelopeType
    payload: Json
    accepts_response: bool
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempts: int = 0
    """Deliveries Slack's schedule has made or tried; the next one carries it as retry_attempt."""
    deliveries: list[Delivery] = field(default_factory=list[Delivery])
    acks: list[Ack] = field(default_factory=list[Ack])
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    abandoned: bool = False
    """True once Slack would try no more."""

    @property
    def event(self) -> Json:
        """The inner event of an events_api envelope; empty for others."""
        return self.payload.get("event", {})

    @property
    def is_redelivered(self) -> bool:
        """Events come again until they are acked; gestures come once."""
        return self.type == "events_api"

    def frame(self, wire_id: str) -> Json:
        frame: Json = {
            "envelope_id": wire_id,
            "type": self.type,
            "accepts_response_payload": self.accepts_response,
            "payload": self.payload,
        }
        if self.is_redelivered:
            frame |= {"retry_attempt": self.attempts, "retry_reason": "timeout" if self.attempts else ""}
        return frame

    def acked(self, wire_id: str, payload: Json | None, link: int) -> Ack:
        seconds = time.monotonic() - self.deliveries[-1].at
        ack = Ack(wire_id, payload, link, seconds)
        self.acks.append(ack)
        self.answered.set()
        return ack
