"""What the audit has of a turn, as a list."""

from agent.audit import AuditEntry


class FakeLedger:
    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def of_turn(self, turn_id: str) -> tuple[AuditEntry, ...]:
        return tuple(entry for entry in self.entries if entry.turn_id == turn_id)
