"""One question, as a collector sees it: the daemon's spans, their tree, and the log that names the same trace."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.turns import reference_of
from tests.fakes.collector import FakeCollector, SentSpan
from tests.scenario.house import Daemon, House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "How many orders were placed in 2025?"
NODES = (
    "reset_turn_state",
    "classify_relevance",
    "ingest",
    "plan_turn_action",
    "sql_generate",
    "validate_candidate_sql",
    "policy_gate",
    "execute_sql",
    "compose_response",
)
WITHOUT_THE_EXTRA = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter")):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def collector() -> AsyncIterator[FakeCollector]:
    async with FakeCollector().serving() as collector:
        yield collector


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    collector: FakeCollector, tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    more = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}  # milliseconds
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **more) as house:
        yield house


def all_below(collector: FakeCollector, span: SentSpan) -> set[str]:
    children = collector.below(span)
    return {child.name for child in children}.union(*(all_below(collector, child) for child in children))


async def test_a_question_is_one_trace_of_its_nodes_and_of_whom_they_asked(house: House, collector: FakeCollector):
    await house.start_daemon()
    ts = await house.ask(QUESTION)
    (answer,) = await house.answered(ts)
    assert "2,442" in answer["text"]
    (root,) = await house.until(lambda: collector.named("turn"))
    assert await house.daemon.stop() == 0  # what was left is sent

    assert root.kind == "CONSUMER"
    assert not root.is_error
    item = f"message:T0LOCAL:C0GENERAL:{ts}"
    told = {name: root.attributes.get(f"slackbot.{name}") for name in ("item.id", "item.attempt", "turn.surface")}
    assert told == {"item.id": item, "item.attempt": 1, "turn.surface": "channel"}
    assert root.attributes["slackbot.turn.action"] == "sql_generate"
    assert root.attributes["slackbot.turn.outcome"] == "answered"
    assert root.attributes["slackbot.turn.language"] == "en"

    spans = [span for span in collector.spans if span.trace_id == root.trace_id]
    known = {span.span_id for span in spans}
    assert [span.name for span in spans if span.parent_id and span.parent_id not in known] == []
    below = [span.name for span in collector.below(root)]
    assert [name for name in below if name in NODES] == list(NODES)
    assert {"open_reply", "deliver", "checkpoint", "slack users.info"} <= set(below)
    assert not [span.name for span in spans if span.is_error]

    def asked_by(name: str) -> set[str]:
        (span,) = collector.named(name)
        return all_below(collector, span)

    assert "chat scripted" in asked_by("plan_turn_action")
    assert {"chat scripted", "bigquery dry_run"} <= asked_by("sql_generate")
    assert "bigquery query" in asked_by("execute_sql")
    assert "slack chat.postMessage" in asked_by("open_reply")

    (job,) = collector.named("bigquery query")
    assert [job.attributes["slackbot.bigquery.job_id"]] == house.billed_jobs
    assert job.attributes["slackbot.bigquery.bytes_billed"] == house.billed_bytes
    calls = collector.named("chat scripted")
    assert {call.attributes["gen_ai.response.model"] for call in calls} == {"scripted"}
    (finished,) = house.daemon.named("turn.finished")
    assert sum(call.attributes["gen_ai.usage.input_tokens"] for call in calls) == finished["tokens_in"]
    assert sum(call.attributes["gen_ai.usage.output_tokens"] for call in calls) == finished["tokens_out"]

    assert finished["trace_id"] == root.trace_id
    assert root.trace_id.upper().startswith(reference_of(item))
    for word in ("orders", "2,442", "SELECT", house.workspace.bot_token):
        assert word not in "\n".join(collector.texts)
    assert house.daemon.named("traces.not_exported") == []


async def test_without_the_extra_all_is_imported_and_a_collector_is_refused_in_one_sentence(
    house: House, tmp_path: Path
):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_THE_EXTRA)
    lacking = Daemon({**house.environ, "PYTHONPATH": str(tmp_path)})
    await lacking.start()
    assert await lacking.ended() == 78, lacking.lines[-20:]
    (said,) = [line for line in lacking.lines if line.startswith("slack-bot:")]
    assert "OTEL_EXPORTER_OTLP_ENDPOINT needs the extra `otel`" in said
    assert "Traceback" not in "\n".join(lacking.lines)
