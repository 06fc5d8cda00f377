"""A worker process for the soak: `inbox_worker.py <uri> <log file>`, until it is killed or SIGTERM."""

import asyncio
import os
import random
import signal
import sys

from bot.inbox.attempt import Attempt
from bot.inbox.items import Item
from bot.inbox.retry import RetryPolicy
from bot.inbox.worker import WorkerPool
from bot.storage.database import open_database
from bot.storage.inbox import PostgresInbox


class Journal:
    """One line per event, appended whole by the kernel: their order over all processes is the order of time."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)

    async def handle(self, attempt: Attempt) -> None:
        key = attempt.item.dedupe_key
        self._write("start", key)
        await asyncio.sleep(random.uniform(0.001, 0.02))
        if random.random() < 0.1 and attempt.claim.failures < 2:
            self._write("fail", key)
            raise ConnectionError("as it happens")
        self._write("end", key)

    async def on_buried(self, item: Item, error: Exception) -> None:
        self._write("buried", item.dedupe_key)

    def _write(self, event: str, key: str) -> None:
        os.write(self._file, f"{os.getpid()} {event} {key}\n".encode())


async def main(uri: str, path: str) -> None:
    journal = Journal(path)
    async with open_database(uri) as database, PostgresInbox(database).listening() as inbox:
        retry = RetryPolicy(delays=(0.05, 0.05, 0.05, 0.05))
        pool = WorkerPool(inbox, journal.handle, journal.on_buried, size=4, retry=retry, poll_seconds=0.5)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, pool.stop)
        await pool.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
