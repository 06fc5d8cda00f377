"""What a trace says of a turn, and what it never says. The spans stay in memory here; test_exporting.py sends some."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import StatusCode, format_trace_id

from agent.bigquery.warehouse import Job
from agent.errors import InvalidQuery, ModelUnavailable
from agent.llm.completion import Completion
from agent.llm.model import Meter, Prompt, Shape
from agent.notice import Notice
from agent.turn import Action, Answer, Bill, Route
from bot.inbox.attempt import Attempt
from bot.inbox.inbox import Claim
from bot.inbox.retry import GaveUp
from bot.surface import Draft, Place
from bot.tracing.otel_tracing import OtelTracing
from bot.tracing.trace_ids import ItemTraceIds
from bot.turns import reference_of
from tests.fakes.model import FakeModel
from tests.fakes.warehouse import FakeWarehouse, Statement
from tests.inbox_items import turn

KEY = "message:T1:C1:1767603600.000100"
SECRET = "zebra7crossing9"
SQL = f"SELECT COUNT(*) AS n FROM shop.orders WHERE note = '{SECRET}'"


class Bench:
    """One process' traces, kept."""

    def __init__(self, **provider: object) -> None:
        self._kept = InMemorySpanExporter()
        traces = TracerProvider(id_generator=ItemTraceIds(), shutdown_on_exit=False, **provider)  # type: ignore[arg-type]
        traces.add_span_processor(SimpleSpanProcessor(self._kept))
        self.traces = OtelTracing(traces.get_tracer("bot"))

    @property
    def spans(self) -> list[ReadableSpan]:
        """In the order in which they began."""
        return sorted(self._kept.get_finished_spans(), key=lambda span: span.start_time or 0)

    def one(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self.spans if span.name == name]
        return span

    async def work(self, handler, *, attempt: int = 1) -> None:
        await self.traces.handler(lambda _: handler())(Attempt(Claim(1, turn(KEY), attempt)))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def trace_id(span: ReadableSpan) -> str:
    assert span.context is not None
    return format_trace_id(span.context.trace_id)


async def test_all_tries_at_an_item_are_one_trace_that_begins_with_the_reference_people_are_shown(bench: Bench):
    in_the_log: list[str] = []

    async def fails() -> None:
        in_the_log.append(structlog.contextvars.get_contextvars()["trace_id"])
        raise ModelUnavailable("no way to " + SECRET)

    for attempt in (1, 2):
        with pytest.raises(ModelUnavailable):
            await bench.work(fails, attempt=attempt)
    assert "trace_id" not in structlog.contextvars.get_contextvars()
    told: list[str] = []

    async def tell(item: object, error: Exception) -> None:
        told.append(type(error).__name__)

    await bench.traces.on_buried(tell)(turn(KEY), GaveUp("ModelUnavailable: no way"))
    assert told == ["GaveUp"]
    first, second, last = bench.spans
    assert [span.name for span in (first, second, last)] == ["turn", "turn", "give_up"]
    assert {trace_id(span) for span in bench.spans} == set(in_the_log)
    assert in_the_log[0].upper().startswith(reference_of(KEY))
    assert not any(span.parent for span in bench.spans)
    assert [span.attributes["slackbot.item.attempt"] for span in (first, second)] == [1, 2]
    assert first.attributes["slackbot.item.id"] == KEY
    assert first.attributes["slackbot.turn.surface"] == "channel"


async def test_an_error_is_told_by_its_kind_alone(bench: Bench):
    async def fails() -> None:
        with bench.traces.node("sql_generate"):
            raise InvalidQuery(f"no such column {SECRET}")

    with pytest.raises(InvalidQuery):
        await bench.work(fails)
    for span in bench.spans:
        assert span.attributes["error.type"] == "InvalidQuery"
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert span.events == ()


async def test_what_somebody_stopped_has_not_failed(bench: Bench):
    async def waits() -> None:
        with bench.traces.node("execute_sql"):
            await asyncio.Event().wait()

    working = asyncio.create_task(bench.work(waits))
    await asyncio.sleep(0)
    working.cancel()
    await asyncio.wait({working})
    node = bench.one("execute_sql")
    assert node.status.status_code is StatusCode.UNSET
    assert node.attributes["slackbot.cancelled"] is True


async def test_what_belongs_to_no_item_is_in_no_trace(bench: Bench):
    with bench.traces.slack_call("auth.test"):
        pass
    bench.traces.checkpoint_kept(0.1)
    item_is_over = asyncio.Event()

    async def for_good() -> None:
        await item_is_over.wait()
        with bench.traces.slack_call("chat.appendStream"):
            pass

    beside: list[asyncio.Task[None]] = []

    async def starts_it() -> None:
        beside.append(asyncio.create_task(for_good()))
        bench.traces.checkpoint_kept(0.1)

    await bench.work(starts_it)
    item_is_over.set()
    await beside[0]
    assert [span.name for span in bench.spans] == ["checkpoint", "turn"]
    kept = bench.one("checkpoint")
    assert kept.end_time - kept.start_time == 100_000_000


async def test_a_turn_that_the_sampler_leaves_out_costs_no_span_and_no_field_in_the_log():
    bench = Bench(sampler=ALWAYS_OFF)

    async def works() -> None:
        assert "trace_id" not in structlog.contextvars.get_contextvars()
        with bench.traces.node("ingest"):
            pass

    await bench.work(works)
    assert bench.spans == []


class Word(Shape):
    word: str


async def test_a_model_call_speaks_the_gen_ai_conventions_and_repeats_no_word(bench: Bench):
    fake = FakeModel().says("sql_generate", {"word": SECRET}, ModelUnavailable(SECRET))
    model = bench.traces.model(fake, name="gpt-5-mini", address=f"https://user:{SECRET}@gateway.example:8443/v1")
    prompt = Prompt("sql_generate", SECRET, SECRET, max_tokens=300)

    async def asks() -> None:
        await model.ask(prompt, Word, Meter())
        with pytest.raises(ModelUnavailable):
            await model.ask(prompt, Word, Meter())

    await bench.work(asks)
    answered, failed = [span for span in bench.spans if span.name == "chat gpt-5-mini"]
    assert answered.kind.name == "CLIENT"
    assert answered.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5-mini",
        "gen_ai.request.max_tokens": 300,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.output.type": "json",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "server.address": "gateway.example",
        "server.port": 8443,
        "slackbot.model.purpose": "sql_generate",
        "slackbot.model.requests": 1,
    }
    assert failed.attributes["error.type"] == "ModelUnavailable"
    assert SECRET not in "".join(span.to_json() for span in bench.spans)


async def test_what_an_endpoint_calls_its_model_is_redacted_and_cut(bench: Bench):
    async def hears() -> None:
        key = "sk-" + "live4f8a91b2c3d4e5f60718"
        for name in (key, "m" * 190 + " " + key, "m" * 5000, None):
            with bench.traces.slack_call("any"):
                bench.traces.completed(Completion(model=name))

    await bench.work(hears)
    told = [span.attributes.get("gen_ai.response.model") for span in bench.spans if span.name == "slack any"]
    assert told == ["[redacted]", "m" * 190 + " [redacted", "m" * 200, None]


async def test_bigquery_is_told_by_operations_jobs_and_bytes_and_never_by_a_statement(bench: Bench):
    fake = FakeWarehouse()
    fake.knows(SQL, Statement())
    fake.release()
    warehouse = bench.traces.warehouse(fake)

    async def asks() -> None:
        await warehouse.dry_run(SQL)
        ran = await warehouse.run(Job("job-1", SQL, 10**9, 60))
        async with aclosing(warehouse.pages(ran.job_id, page_rows=1)) as pages:
            async for _ in pages:
                with bench.traces.slack_call("between.pages"):
                    pass
        with pytest.raises(InvalidQuery):
            await warehouse.dry_run(f"{SQL} no such statement")

    await bench.work(asks)
    job = bench.one("bigquery query")
    assert job.attributes["db.system.name"] == "gcp.bigquery"
    assert job.attributes["slackbot.bigquery.job_id"] == "job-1"
    assert job.attributes["slackbot.bigquery.bytes_billed"] >= 0
    between = next(span for span in bench.spans if span.name == "slack between.pages")
    assert between.parent == bench.one("turn").context, "no page's span goes on while its reader works"
    text = "".join(span.to_json() for span in bench.spans)
    assert SECRET not in text
    assert "SELECT" not in text


ANSWER = Answer(
    "t", "ko", Route(Action.SQL_EXECUTE, 1.0, SECRET), text=SECRET, sql=SQL, bill=Bill(bytes_billed=10_485_760)
)


class ScriptedDraft:
    async def show(self, progress: object) -> None: ...
    async def finish(self, answer: Answer, seconds: float | None) -> None: ...
    async def say(self, *notices: Notice) -> None: ...
    async def help(self) -> None: ...


class ScriptedPresenter:
    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        yield ScriptedDraft()


async def test_the_items_span_says_what_the_turn_came_to_and_delivering_it_is_a_span(bench: Bench):
    presenter = bench.traces.presenter(ScriptedPresenter())

    async def answers() -> None:
        async with presenter.open(Place("t", "c", "C1", None, "U1", 0, "ko"), may_exist=False) as draft:
            await draft.finish(ANSWER, 1.0)

    await bench.work(answers)
    assert [span.name for span in bench.spans] == ["turn", "open_reply", "deliver"]
    told = bench.one("turn").attributes
    assert told["slackbot.turn.outcome"] == "answered"
    assert told["slackbot.turn.action"] == "sql_execute"
    assert told["slackbot.turn.language"] == "ko"
    assert told["slackbot.bigquery.bytes_billed"] == 10_485_760
    assert SECRET not in "".join(span.to_json() for span in bench.spans)
