"""Where budgets are kept, as the door to BigQuery needs it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from agent.audit import AuditEntry
from agent.policy.budget import Standing
from agent.spend import Amount, Payers


class Budgets(Protocol):
    """Kept durably, with the audit of what they paid. Every change happens under the locks of the budgets it is for."""

    async def exceeded(
        self, payers: Payers, at: datetime, need: Amount, *, jobs: Collection[str] = ()
    ) -> tuple[Standing, ...]:
        """What `reserve` would say, reserving nothing. Empty where one of *jobs* is reserved already."""
        ...

    async def reserve(self, job: AuditEntry, need: Amount, *, lifted: Collection[str] = ()) -> tuple[Standing, ...]:
        """Hold *need* for *job* (by its `job_id`) in every budget of its payers, or in none: then which it exceeds.

        *lifted* are the names of budgets that may be exceeded. A job that is reserved or settled meets its own
        reservation and changes nothing; one whose reservation was returned is reserved anew.
        """
        ...

    async def settle(self, job_id: str, billed: Amount, *, outcome: str, turn_id: str | None = None) -> bool:
        """Put what was billed in place of what was held, and write the job's audit row: once, together.

        False where that was done before. *turn_id* is the turn that will tell of a budget that is nearly spent now;
        None leaves that to a later one. Raises LookupError where the job was never reserved.
        """
        ...

    async def release(self, job_id: str) -> None:
        """Return what is held for a job that was never billed. Does nothing to one that is settled."""
        ...

    async def charge(self, entry: AuditEntry) -> None:
        """Book what *entry* (a model call) cost, and write it into the audit: once."""
        ...

    async def warnings(self, turn_id: str) -> tuple[Standing, ...]:
        """The budgets that *turn_id* brought beyond WARN_AT, now."""
        ...

    async def unsettled(self, untouched_for: timedelta) -> tuple[str, ...]:
        """Jobs that hold something and were not asked for in that time, oldest first; a hundred at most."""
        ...
