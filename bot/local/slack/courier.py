"""Carries envelopes to the bot and watches their acks: an event not acked in time comes again, as in Slack."""

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

import structlog

from bot.local.slack.envelopes import Ack, Delivery, Envelope
from bot.local.slack.links import Link, Links
from bot.local.slack.shapes import Json, as_object

log = structlog.get_logger(__name__)

ACK_SECONDS: Final = 3.0
RETRY_DELAYS: Final = (0.0, 60.0, 300.0, *(3600.0,) * 24)
"""Slack's schedule after an attempt that was not acked: at once, after a minute, after five, and then, for an app with
Delayed Events on (ours asks for them), every hour of a day."""
MOST_REMEMBERED: Final = 10_000
"""Envelopes and acks kept to look at: a workspace that runs for weeks must not grow for ever."""
DISCONNECT_HOST: Final = {"host": "applink-local"}


class Courier:
    def __init__(
        self,
        *,
        ack_timeout: float,
        retry_delays: Sequence[float],
        linger: float,
        on_ack: Callable[[Envelope, Ack], None],
        on_unanswered: Callable[[Envelope], None],
        on_change: Callable[[], None],
    ) -> None:
        self.ack_timeout = ack_timeout
        self.retry_delays = tuple(retry_delays)
        self.linger = linger
        """Seconds a socket lives on after its disconnect frame."""
        self.links = Links(self._read, on_change)
        self.envelopes: list[Envelope] = []
        self.acks: list[Ack] = []
        self.unknown_acks: list[str] = []
        """envelope_ids that the bot acked and nobody sent."""
        self._by_wire_id: dict[str, Envelope] = {}
        self._on_ack = on_ack
        self._on_unanswered = on_unanswered
        self._on_change = on_change
        self._tasks: set[asyncio.Task[None]] = set()
        self._delay = 0.0
        self._delayed_ts: str | None = None

    @property
    def unanswered_events(self) -> list[Envelope]:
        """Events that the bot still has to ack, those held for want of a socket included."""
        return [e for e in self.envelopes if e.is_redelivered and not e.acks and not e.abandoned]

    def send(self, envelope: Envelope) -> Envelope:
        """Begin to deliver *envelope*; its own task sees it through."""
        self.envelopes.append(envelope)
        self._forget_old()
        if envelope.is_redelivered:
            work = self._carry_event(envelope, self._delay_of(envelope))
        else:
            work = self._carry_gesture(envelope)
        self._start(work, f"local-slack-envelope-{envelope.id}")
        return envelope

    def delay_next(self, seconds: float) -> None:
        """The next post that the bot is told of arrives *seconds* late, with all its events; others overtake it."""
        self._delay, self._delayed_ts = seconds, None

    def _delay_of(self, envelope: Envelope) -> float:
        ts = envelope.event.get("ts")
        if not self._delay or ts is None:
            return 0.0
        if self._delayed_ts is None:
            self._delayed_ts = ts
        return self._delay if ts == self._delayed_ts else 0.0

    def _forget_old(self) -> None:
        while len(self.envelopes) > MOST_REMEMBERED and (self.envelopes[0].acks or self.envelopes[0].abandoned):
            for delivery in self.envelopes.pop(0).deliveries:
                self._by_wire_id.pop(delivery.wire_id, None)
        del self.acks[:-MOST_REMEMBERED]

    async def deliver(self, envelope: Envelope, link: Link) -> bool:
        """One frame down one socket, whatever came before. False when the socket died under it."""
        wire_id = str(uuid.uuid4()) if envelope.deliveries else envelope.id
        self._by_wire_id[wire_id] = envelope
        envelope.deliveries.append(Delivery(wire_id, link.number, envelope.attempts, time.monotonic()))
        return await link.send(envelope.frame(wire_id))

    async def redeliver(self, envelope: Envelope) -> None:
        """Send *envelope* once more though it may be acked: Slack does that when an ack gets lost."""
        envelope.attempts += 1
        await self.deliver(envelope, await self.links.wait_for_link())

    async def refresh(self, warn_ahead: float | None = None) -> None:
        """Tell every socket to move: perhaps a warning, then refresh_requested, and closed after the linger."""
        links = self.links.open
        if warn_ahead is not None:
            await self._say_goodbye(links, "warning")
            await asyncio.sleep(warn_ahead)
        for link in links:
            link.is_retiring = True
        await self._say_goodbye(links, "refresh_requested")
        self._start(self._close_later(links), "local-slack-linger")

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.links.close()

    async def _carry_event(self, envelope: Envelope, late_by: float) -> None:
        if late_by:
            await asyncio.sleep(late_by)
        for delay in (*self.retry_delays, None):
            link = self.links.pick()
            if link is None:
                # Held while nobody is connected. Slack gives such an event up after its schedule; a workspace on this
                # machine keeps it, for here the bot's absence is a restart, not an outage of hours.
                envelope.attempts = max(envelope.attempts, 1)
                link = await self.links.wait_for_link()
            await self.deliver(envelope, link)
            if await self._is_answered(envelope):
                return
            log.warning("local_slack.envelope_not_acked", envelope=envelope.id, attempt=envelope.attempts)
            envelope.attempts += 1
            if delay is not None:
                await asyncio.sleep(delay)
        envelope.abandoned = True
        self._on_unanswered(envelope)

    async def _carry_gesture(self, envelope: Envelope) -> None:
        link = self.links.pick()
        if link is not None and await self.deliver(envelope, link) and await self._is_answered(envelope):
            return
        envelope.abandoned = True
        self._on_unanswered(envelope)

    async def _is_answered(self, envelope: Envelope) -> bool:
        try:
            await asyncio.wait_for(envelope.answered.wait(), self.ack_timeout)
        except TimeoutError:
            return False
        return True

    def _read(self, link: Link, frame: Json) -> None:
        wire_id = str(frame.get("envelope_id", ""))
        envelope = self._by_wire_id.get(wire_id)
        if envelope is None:
            self.unknown_acks.append(wire_id)
            return
        payload = as_object(frame["payload"]) if frame.get("payload") else None
        ack = envelope.acked(wire_id, payload, link.number)
        self.acks.append(ack)
        self._on_ack(envelope, ack)
        self._on_change()

    async def _say_goodbye(self, links: Sequence[Link], reason: str) -> None:
        for link in links:
            await link.send({"type": "disconnect", "reason": reason, "debug_info": DISCONNECT_HOST})

    async def _close_later(self, links: Sequence[Link]) -> None:
        await asyncio.sleep(self.linger)
        for link in links:
            await link.close()

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)  # asyncio itself holds a weak reference only
        task.add_done_callback(self._tasks.discard)
