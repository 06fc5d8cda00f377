"""Whole conversations over real sockets: the analyst with its real gate, door and clients, and a scripted model.

Behind it stand the local BigQuery and the local OpenAI-compatible server, each on a port of its own. There is one
bench: engine and servers are shared, conversations are not. Nothing of the product is replaced.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from openai import AsyncOpenAI

from agent.analyst import Analyst, Savers
from agent.bigquery.client import BigQueryWarehouse
from agent.catalog.schema_store import SchemaStore
from agent.context import Services
from agent.llm.openai import OpenAIModel
from agent.memory_savers import MemorySavers
from agent.options import AgentOptions
from agent.policy.access import NoRights
from agent.policy.access_control import AccessControl
from agent.policy.cost import CostLimits
from agent.query import QueryPolicy, QueryRunner
from agent.sql.analysis import OfflineAnalysis
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.turn import Actor, Answer, Audience, OnProgress, Progress, Turn
from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery
from bot.local.model.script import Misbehaviour
from bot.local.model.scripted import RecordedRequest, ScriptedModel
from tests.fakes.access import everyone_reads, real_access
from tests.fakes.approvals import FakeApprovals
from tests.fakes.cashier import cashier_at, till_at
from tests.fakes.results import FakeResults

PROJECT: Final = "demo-proj"
LIMITS: Final = CostLimits(10 << 30, auto_execute_max_cost_usd=0.10)
ALL_NEED_APPROVAL: Final = CostLimits(10 << 30, auto_execute_max_cost_usd=0.0)
_turns = count(1)

Replies = Mapping[str, Sequence[Any]]
"""By call (the name of its prompt file): what the model answers, in this order, each once."""


@dataclass(frozen=True)
class Bench:
    """What all conversations share."""

    bigquery: LocalBigQuery
    warehouse: BigQueryWarehouse
    engine: EngineThread
    catalog: SchemaStore
    access: AccessControl
    model: ScriptedModel
    client: AsyncOpenAI

    def talk(
        self, *, savers: Savers | None = None, limits: CostLimits = LIMITS, options: Mapping[str, Any] | None = None,
        **replies: Sequence[Any],
    ) -> "Talk":  # fmt: skip
        """A new conversation, in which the model answers with *replies* and with nothing else."""
        return Talk(self, savers or MemorySavers(), limits, dict(options or {}), replies)


class Talk:
    """One conversation in one thread, and what it made the servers do."""

    def __init__(
        self, bench: Bench, savers: Savers, limits: CostLimits, options: Mapping[str, Any], replies: Replies
    ) -> None:
        self._bench = bench
        self._savers = savers
        self._limits = limits
        settings: dict[str, Any] = {"default_project": PROJECT, "answer_notes_enabled": False, **options}
        self._options = AgentOptions(**settings)
        self._seen = len(bench.model.requests), len(bench.bigquery.dry_runs), set(bench.bigquery.jobs)
        self.approvals = FakeApprovals()
        self.steps: list[Progress] = []
        self.conversation = f"T:C:{next(_turns)}"
        self.analyst = self._analyst()
        bench.model.play(_rules(replies))

    def turn(self, text: str, **changes: Any) -> Turn:
        turn = Turn(
            id=f"turn-{next(_turns)}", conversation=self.conversation, actor=Actor("U1", "T"),
            audience=Audience("channel", "C"), text=text,
        )  # fmt: skip
        return replace(turn, **changes)

    async def ask(self, text: str, **changes: Any) -> Answer:
        return await self.answer(self.turn(text, **changes))

    async def answer(self, turn: Turn, on_progress: OnProgress | None = None) -> Answer:
        return await self.analyst.answer(turn, on_progress or self._note)

    @property
    def requests(self) -> list[RecordedRequest]:
        return self._bench.model.requests[self._seen[0] :]

    def asked(self, name: str) -> list[str]:
        """What the model was told in each call *name*: all but the constant part."""
        return [request.user for request in self.requests if request.schema_name == name]

    @property
    def calls(self) -> list[str | None]:
        return [request.schema_name for request in self.requests]

    @property
    def dry_runs(self) -> list[str]:
        return list(self._bench.bigquery.dry_runs[self._seen[1] :])

    @property
    def ran(self) -> list[str]:
        """The statements of the jobs that were inserted, which BigQuery bills."""
        return [job.sql for name, job in self._bench.bigquery.jobs.items() if name not in self._seen[2]]

    def _analyst(self) -> Analyst:
        bench = self._bench
        results = FakeResults()
        runner = QueryRunner(
            cashier=cashier_at(bench.warehouse),
            access=bench.access,
            gate=Gate(bench.engine, GateRules(NoRights(), PROJECT)),
            warehouse=bench.warehouse,
            policy=QueryPolicy(PROJECT, self._limits),
            approvals=self.approvals,
            results=results,
        )
        services = Services(
            model=OpenAIModel(bench.client, "scripted"),
            runner=runner,
            catalog=bench.catalog,
            approvals=self.approvals,
            options=self._options,
            till=till_at(),
            now=lambda: datetime(2026, 1, 15, 12, tzinfo=UTC),
            results=results,
            analysis=OfflineAnalysis(bench.engine, PROJECT),
        )
        return Analyst(services, self._savers)

    async def _note(self, progress: Progress) -> None:
        self.steps.append(progress)


def codes(answer: Answer) -> list[str]:
    """What the answer says to people beside the model's words."""
    return [notice.code for notice in answer.notices]


def _rules(replies: Replies) -> list[dict[str, Any]]:
    return [_rule(name, reply) for name, answers in replies.items() for reply in answers]


def _rule(name: str, reply: Any) -> dict[str, Any]:
    if isinstance(reply, Misbehaviour):
        return {"schema_name": name, "times": 1, "reply": "", "misbehave": reply}
    return {"schema_name": name, "times": 1, "reply": reply}


@asynccontextmanager
async def open_bench(cache_dir: Path, folder: Path) -> AsyncGenerator[Bench]:
    key = folder / "key.json"
    await asyncio.to_thread(write_credentials, key)
    async with AsyncExitStack() as stack:
        bigquery = await stack.enter_async_context(LocalBigQuery(cache_dir).serving())
        engine = await stack.enter_async_context(EngineThread(cache_dir))
        warehouse = await stack.enter_async_context(
            BigQueryWarehouse.open(PROJECT, "US", api_endpoint=bigquery.url, credentials_path=key)
        )
        model = await stack.enter_async_context(ScriptedModel([]).serving())
        client = await asyncio.to_thread(lambda: AsyncOpenAI(api_key="none", base_url=model.base_url))
        stack.push_async_callback(client.close)
        catalog = SchemaStore(warehouse, [f"{PROJECT}.shop", f"{PROJECT}.web"])
        access = real_access(warehouse, engine, everyone_reads("shop", "web", project=PROJECT), project=PROJECT)
        yield Bench(bigquery, warehouse, engine, catalog, access, model, client)
