"""The collector's rounds: one that fails is not the last."""

import asyncio
from datetime import timedelta

from bot.collect_bills import keep_collecting
from bot.storage.database import StorageUnavailable

LATER = timedelta(minutes=10)


class Cashier:
    def __init__(self, failures: int) -> None:
        self.rounds: list[timedelta] = []
        self.enough = asyncio.Event()
        self._failures = failures

    async def collect_all(self, untouched_for: timedelta) -> None:
        self.rounds.append(untouched_for)
        if len(self.rounds) <= self._failures:
            raise StorageUnavailable("restarting")
        self.enough.set()


async def test_a_round_that_fails_is_followed_by_another() -> None:
    cashier, pauses = Cashier(failures=2), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    collecting = asyncio.create_task(keep_collecting(cashier, untouched_for=LATER, pause=pause), name="collect")
    await asyncio.wait_for(cashier.enough.wait(), 30)
    collecting.cancel()
    await asyncio.wait([collecting])
    assert cashier.rounds[:3] == [LATER] * 3
    assert set(pauses) == {60.0}
