"""One try at one item, as its handler sees it: what to do, and how a person's Stop reaches it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum

from bot.inbox.inbox import Claim
from bot.inbox.items import Item


class StoppedByPerson(Exception):
    """Somebody pressed Stop while the item ran."""


class Cancellation(StrEnum):
    """Why a handler is cancelled; also the message that its CancelledError carries where libraries pass it on."""

    STOPPED = "stopped by a person"
    SHUTDOWN = "shutdown"
    LEASE_LOST = "lease lost"


class Attempt:
    """A claim and its signals.

    A Stop interrupts only what runs inside `stoppable()`. A shutdown and a lost lease cancel the whole handler: it
    cleans up, tells nobody and lets the CancelledError pass, for the item goes on elsewhere.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.stop_requested = False
        self.cancellation: Cancellation | None = None
        self._handler: asyncio.Task[None] | None = None
        self._inside: asyncio.Task[object] | None = None

    @property
    def item(self) -> Item:
        return self.claim.item

    @asynccontextmanager
    async def stoppable(self) -> AsyncGenerator[None]:
        """What a person's Stop may interrupt; raises StoppedByPerson when it did, at once when Stop came earlier.

        What stands outside (posting the answer) is never cut in half.
        """
        if self.stop_requested:
            raise StoppedByPerson
        task = asyncio.current_task()
        assert task is not None
        cancelled_before = task.cancelling()
        self._inside = task
        try:
            yield
        except (asyncio.CancelledError, Exception) as error:
            # The same bookkeeping as asyncio.timeout(): when something else cancelled the task too, that one wins.
            if not self.stop_requested or task.uncancel() > cancelled_before:
                raise
            # A cancelled part may end in an error of its own (a job reports its cancellation): stopped all the same.
            raise StoppedByPerson from error
        else:
            if self.stop_requested:
                task.uncancel()  # it finished in spite of the Stop
        finally:
            self._inside = None

    def started(self, handler: asyncio.Task[None]) -> None:
        """For the worker: the task that `cancel` cancels, at once when the cancellation came first."""
        self._handler = handler
        if self.cancellation is not None:
            handler.cancel(self.cancellation)

    def request_stop(self) -> None:
        """For the worker: a person wants it stopped."""
        if self.stop_requested:
            return
        self.stop_requested = True
        if self._inside is not None:
            self._inside.cancel(Cancellation.STOPPED)

    def cancel(self, why: Cancellation) -> bool:
        """For the worker: the item will go on elsewhere. The first reason stands; False when the handler has ended."""
        if self.cancellation is not None or (self._handler is not None and self._handler.done()):
            return False
        self.cancellation = why
        if self._handler is not None:
            self._handler.cancel(why)
        return True
