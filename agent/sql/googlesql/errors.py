"""How a call of Google's SQL engine can end. Imports nothing of the engine: who has none can still name its errors."""

from typing import Literal, TypeAlias

from agent.sql.googlesql.watch import StopReason

TrapReason: TypeAlias = StopReason | Literal["trap"]
"""`trap` is the engine's own: its stack, or an address outside of its memory."""


class EngineUnavailable(Exception):
    """The engine cannot be loaded in this process: no wheel, no executable memory, an unsafe cache folder."""


class EngineError(Exception):
    """The engine rejects the SQL. `message` is BigQuery's wording, with `at [line:column]` where it has a place."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class EngineTrap(Exception):
    """A call was ended: its deadline, its memory, its stack, or `interrupt`. The engine has a new instance by then."""

    def __init__(self, reason: TrapReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: TrapReason = reason
        self.detail = detail
