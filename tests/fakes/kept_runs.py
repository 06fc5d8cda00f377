"""`KeptRuns` in memory."""

from agent.result_cache import KeptRun


class FakeKeptRuns:
    def __init__(self) -> None:
        self.by_key: dict[str, KeptRun] = {}

    async def keep(self, run: KeptRun) -> None:
        known = self.by_key.get(run.key)
        if known is None or known.ran_at <= run.ran_at:
            self.by_key[run.key] = run

    async def find(self, key: str) -> KeptRun | None:
        return self.by_key.get(key)
