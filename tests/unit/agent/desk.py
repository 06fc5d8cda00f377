"""An analyst with everything around it faked: what the tests of its roads, memory and resumption share."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from agent.analyst import Analyst
from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.context import Services
from agent.memory_savers import MemorySavers
from agent.options import AgentOptions
from agent.turn import Actor, Answer, Audience, OnProgress, Preset, Progress, Step, Turn
from tests.fakes.approvals import FakeApprovals
from tests.fakes.cashier import till_at
from tests.fakes.model import FakeModel
from tests.fakes.runner import FakeRunner

TABLES = (TableInfo("p.shop.orders", (ColumnInfo("order_id", "INT64"), ColumnInfo("status", "STRING", "Complete"))),)
SQL = "SELECT COUNT(*) AS n FROM shop.orders"


def routed(
    action: str, confidence: float = 0.9, question: str | None = None, *, changes_data: bool = False
) -> dict[str, Any]:
    return {
        "changes_data": changes_data,
        "action": action,
        "confidence": confidence,
        "reason": "because",
        "clarifying_question": question,
    }


def drafted(sql: str = SQL, title: str = "Orders in 2025") -> dict[str, Any]:
    return {"title": title, "sql": sql}


def chat(reply: str = "Hi!", tool: str = "none", sql: str = "") -> dict[str, Any]:
    return {"reply": reply, "tool": tool, "sql": sql}


class Catalog:
    async def tables(self) -> tuple[TableInfo, ...]:
        return TABLES


class Desk:
    def __init__(self, **options: Any) -> None:
        self.model = FakeModel()
        self.till = till_at()
        self.approvals = FakeApprovals()
        self.runner = FakeRunner(self.approvals)
        self.catalog: Any = Catalog()
        self.savers: Any = MemorySavers()  # outlives every analyst: a restart keeps it
        self.on_progress: OnProgress = self.note
        self.steps: list[Progress] = []
        self.options = replace(AgentOptions(default_project="p", answer_notes_enabled=False), **options)
        self._turns = 0

    def services(self) -> Services:
        return Services(
            model=self.model,
            runner=self.runner,
            catalog=self.catalog,
            approvals=self.approvals,
            options=self.options,
            now=lambda: datetime(2026, 1, 15, 12, tzinfo=UTC),
            till=self.till,
        )

    def analyst(self) -> Analyst:
        """A new one every time, as after a restart."""
        return Analyst(self.services(), self.savers)

    async def ask(self, text: str, *, id: str | None = None, preset: Preset | None = None, **changes: Any) -> Answer:
        self._turns += 1
        turn = Turn(
            id=id or f"t{self._turns}",
            conversation="T:C:1",
            actor=Actor("U1", "T"),
            audience=Audience("channel", "C"),
            text=text,
            preset=preset,
        )
        return await self.analyst().answer(replace(turn, **changes), self.on_progress)

    async def tidy(self) -> None:
        """What the daemon does once the answer is out."""
        turn = Turn(f"t{self._turns}", "T:C:1", Actor("U1", "T"), Audience("channel", "C"), "")
        await self.analyst().tidy(turn)

    async def note(self, progress: Progress) -> None:
        self.steps.append(progress)

    def seen(self) -> list[tuple[Step, str]]:
        return [(progress.step, progress.state) for progress in self.steps]

    async def state(self) -> dict[str, Any]:
        found = await self.savers.saver.aget_tuple({"configurable": {"thread_id": "T:C:1"}})
        assert found is not None
        return found.checkpoint["channel_values"]
