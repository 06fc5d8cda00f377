"""Results outlive the turn that made them: what is kept, and by whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.turn import Bill, Table


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result with everything its receipt will name."""

    turn_id: str
    conversation: str
    sql: str
    fingerprint: str
    table: Table
    bill: Bill
    tables_read: tuple[str, ...]
    job_id: str
    expires_at: datetime
    """Aware; not loaded any more from this moment on."""
    asker: str = ""
    """The user on whose behalf it ran."""
    channel: str = ""
    """Where its answer was given: whoever can read there may have the file of what was shown there."""
    masked_columns: tuple[str, ...] = ()
    """Names of the columns whose values the answer did not show: no file of this result shows them either."""


class Results(Protocol):
    async def keep(self, result: StoredResult) -> str:
        """Keep *result* and return its id. The same (turn_id, fingerprint) again replaces it under the same id."""
        ...

    async def load(self, result_id: str) -> StoredResult | None:
        """None when it never was, or has expired."""
        ...
