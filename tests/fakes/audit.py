"""`Audit` in memory: what was written, in order."""

from agent.audit import AuditEntry


class FakeAudit:
    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def record(self, entry: AuditEntry) -> None:
        if entry.key not in self.keys:
            self.entries.append(entry)

    @property
    def keys(self) -> list[str]:
        return [entry.key for entry in self.entries]

    def of_kind(self, kind: str) -> list[AuditEntry]:
        return [entry for entry in self.entries if entry.kind == kind]
