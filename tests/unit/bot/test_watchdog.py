"""When systemd is pinged, on a clock that the test moves."""

import asyncio

import pytest

from bot.watchdog import LONGEST_SILENCE, keep_watchdog_fed

SECONDS = 0.02
"""Of the watchdog: its ticks are real sleeps of a quarter of that."""


class Pulse:
    """A clock on which each tick takes as long as the test says, and a link that is heard as the test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.late = 0.0
        self.silence: float | None = 0.0
        self.pings = 0
        self.ticks = 0
        self._is_before_a_tick = True

    def clock(self) -> float:
        if not self._is_before_a_tick:
            self.now += SECONDS / 4 + self.late
        self._is_before_a_tick = not self._is_before_a_tick
        return self.now

    def pong_age(self) -> float | None:
        self.ticks += 1
        return self.silence

    def ping(self) -> None:
        self.pings += 1

    async def run_for(self, ticks: int) -> None:
        ends_at = self.ticks + ticks
        feeding = asyncio.create_task(keep_watchdog_fed(SECONDS, self.pong_age, self.ping, clock=self.clock))
        async with asyncio.timeout(30):
            while self.ticks < ends_at:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


@pytest.mark.parametrize("silence", [0.0, LONGEST_SILENCE - 1, None])
async def test_a_punctual_loop_whose_link_is_heard_or_away_pings(silence: float | None) -> None:
    pulse = Pulse()
    pulse.silence = silence
    await pulse.run_for(3)
    assert pulse.pings == pulse.ticks


async def test_a_loop_that_was_blocked_does_not_ping() -> None:
    pulse = Pulse()
    pulse.late = SECONDS
    await pulse.run_for(3)
    assert pulse.pings == 0


async def test_a_link_whose_death_nobody_noticed_is_not_pinged_for() -> None:
    pulse = Pulse()
    pulse.silence = LONGEST_SILENCE + 1
    await pulse.run_for(3)
    assert pulse.pings == 0
