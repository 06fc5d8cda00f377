"""What nodes are handed beside the state: LangGraph passes it as `runtime.context`, nothing of it is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from agent.bigquery.warehouse import TableInfo
from agent.catalog.choose import schema_text
from agent.language import language_for
from agent.llm.model import Meter, Model, Prompt, ShapeT
from agent.model_till import ModelTill
from agent.options import AgentOptions
from agent.policy.approvals import Approval, Approvals
from agent.policy.rights import TurnRights
from agent.query import Check, QueryOutcome, QueryRequest
from agent.results import Results, StoredResult
from agent.sql.analysis import Analysed
from agent.turn import Language, OnProgress, Progress, RunSql, Step, Turn

LANGUAGE_NAMES: dict[Language, str] = {"en": "English", "ko": "Korean", "ja": "Japanese"}


class Runner(Protocol):
    """The one door to BigQuery, as nodes use it: `agent.query.QueryRunner`."""

    async def check(self, sql: str, request: QueryRequest) -> Check: ...

    async def request_approval(self, check: Check, request: QueryRequest) -> str: ...

    async def run(self, sql: str, request: QueryRequest, *, approved: Approval | None = None) -> QueryOutcome: ...

    async def stop(self, turn_id: str) -> None: ...

    async def rights(self, request: QueryRequest) -> TurnRights: ...

    async def fuller(self, result_id: str, user: str) -> StoredResult | None: ...


class Analysis(Protocol):
    """An opinion on SQL that needs no network: `agent.sql.analysis.OfflineAnalysis`."""

    async def problem(self, sql: str, tables: Sequence[TableInfo]) -> Analysed | None: ...


class Catalog(Protocol):
    """What tables there are: `agent.catalog.schema_store.SchemaStore`."""

    async def tables(self) -> tuple[TableInfo, ...]: ...


class OwnCatalog(Catalog, Protocol):
    """A turn's own part of it: `agent.turn_catalog.TurnCatalog`. Its `tables` are what the room may read."""

    async def tables_of_asker(self) -> tuple[TableInfo, ...]: ...

    async def kept_from_room(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What every turn shares; the composition root makes one."""

    model: Model
    runner: Runner
    catalog: Catalog
    approvals: Approvals
    options: AgentOptions
    now: Callable[[], datetime]
    """Aware."""
    till: ModelTill
    """Where model calls are paid."""
    results: Results | None = None
    """None: an earlier result is not there to be shown again."""
    analysis: Analysis | None = None
    """None: drafts are judged by the door alone."""


def _forget(sql: str) -> None:
    """Nobody will ask for the draft."""


@dataclass(frozen=True, slots=True)
class Context:
    """One turn's view: the services, the turn itself, and what it has spent on the model."""

    services: Services
    """Its model is the turn's own: it masks what people said (`agent.privacy`)."""
    turn: Turn
    on_progress: OnProgress
    meter: Meter
    own_catalog: OwnCatalog
    """What the services' catalog is too, in a turn."""
    spoken: Language | None = None
    """The language of the conversation, once `agent.reading` has looked at it."""
    keep_draft: Callable[[str], None] = _forget
    """Told of each draft of SQL, so that a turn which is stopped can show what there was."""

    @property
    def language(self) -> Language:
        return self.spoken or language_for(self.turn.text, self.turn.actor)

    @property
    def language_name(self) -> str:
        return LANGUAGE_NAMES[self.language]

    @property
    def query_request(self) -> QueryRequest:
        turn = self.turn
        return QueryRequest(
            turn_id=turn.id,
            conversation=turn.conversation,
            actor=turn.actor,
            audience=turn.audience,
            question=turn.text,
            usage=self.meter.usage,
            prompts=dict(self.meter.prompts),
            is_fresh=isinstance(turn.preset, RunSql) and turn.preset.is_fresh,
        )

    async def schema(self, *, of_asker: bool = False) -> str:
        """The tables for a prompt: the room's, or all of the asker's. Raises WarehouseError, NothingReadable."""
        options = self.services.options
        return schema_text(
            await (self.own_catalog.tables_of_asker() if of_asker else self.own_catalog.tables()),
            self.turn.text,
            default_project=options.default_project,
            budget_chars=options.schema_budget_chars,
        )

    async def show(self, step: Step, state: Literal["running", "done", "failed"], detail: str = "") -> None:
        """Let the person see how far the turn is."""
        await self.on_progress(Progress(step, state, detail))

    async def ask(self, prompt: Prompt, shape: type[ShapeT]) -> ShapeT:
        """One model call, counted in the turn's usage. Raises ModelError."""
        return await self.services.model.ask(prompt, shape, self.meter)
