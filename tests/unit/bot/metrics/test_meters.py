"""What is counted, by what the counted things did."""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from prometheus_client.parser import text_string_to_metric_families

from agent.audit import AuditEntry
from agent.bigquery.warehouse import Job
from agent.errors import AgentError, InvalidQuery, ModelError, ModelUnavailable, WarehouseError, WarehouseUnavailable
from agent.llm.model import Meter, Prompt, Shape
from agent.notice import Notice
from agent.policy.budget import Budget, Period, Scope, Standing
from agent.spend import Amount, Payers
from agent.turn import Action, Answer, Route
from bot.budgets import BudgetLine
from bot.inbox.retry import DROPPED
from bot.metrics import metered_model, metered_warehouse
from bot.metrics.budget_gauges import BudgetGauges
from bot.metrics.instruments import MOST_ACCOUNTS
from bot.metrics.meters import MOST_METHODS, Meters
from bot.surface import Draft, Place
from bot.vitals import Queue, VitalSigns
from tests.fakes.budgets import FakeBudgets
from tests.fakes.memory_inbox import MemoryInbox
from tests.fakes.model import FakeModel
from tests.fakes.warehouse import FakeWarehouse, Statement
from tests.inbox_items import turn

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def vitals() -> VitalSigns:
    return VitalSigns()


@pytest.fixture
def meters(vitals: VitalSigns) -> Meters:
    return Meters(vitals, version="1.2.3")


async def render(meters: Meters) -> str:
    """Off the loop, as the health port does it."""
    return (await asyncio.to_thread(meters.instruments.render)).decode()


async def scrape(meters: Meters, name: str, **labels: str) -> float:
    """What a scrape reads, summed over the labels left open."""
    families = text_string_to_metric_families(await render(meters))
    samples = [s for family in families for s in family.samples if s.name == name]
    assert samples, f"{name} is not scraped"
    return sum(s.value for s in samples if labels.items() <= s.labels.items())


def kinds_of(error: type[AgentError]) -> set[str]:
    codes = {error.code.removeprefix("error.")}
    return codes.union(*(kinds_of(kind) for kind in error.__subclasses__() if kind.__module__ == "agent.errors"))


def test_every_error_of_the_tree_has_its_outcome_and_no_other() -> None:
    assert kinds_of(ModelError) - {"turn_time"} <= set(metered_model.OUTCOMES)
    done_by_pages = {"result_gone"}
    assert kinds_of(WarehouseError) - done_by_pages == set(metered_warehouse.OUTCOMES) - {metered_warehouse.DONE}


class Word(Shape):
    word: str


PROMPT = Prompt("sql_generate", "system", "user", max_tokens=10)


async def test_model_calls_are_counted_with_their_tokens_and_failures_in_a_row(meters: Meters) -> None:
    fake = FakeModel().says("sql_generate", {"word": "a"}, ModelUnavailable(), ModelUnavailable(), {"word": "b"})
    model = meters.model(fake)
    await model.ask(PROMPT, Word, Meter())
    for failures in (1, 2):
        with pytest.raises(ModelUnavailable):
            await model.ask(PROMPT, Word, Meter())
        assert meters.model_failures.failures == failures
    await model.ask(PROMPT, Word, Meter())
    assert meters.model_failures.failures == 0
    calls = {outcome: await scrape(meters, "slackbot_model_calls_total", purpose="sql_generate", outcome=outcome)
             for outcome in ("ok", "model_unavailable")}  # fmt: skip
    assert calls == {"ok": 2, "model_unavailable": 2}
    assert await scrape(meters, "slackbot_model_tokens_total", direction="input") == 40
    assert await scrape(meters, "slackbot_model_tokens_total", direction="output") == 20
    assert await scrape(meters, "slackbot_model_seconds_count") == 4


async def test_a_turn_that_has_spent_its_tokens_is_no_failure_of_the_endpoint(meters: Meters) -> None:
    with pytest.raises(ModelError):
        await meters.model(FakeModel()).ask(PROMPT, Word, Meter(budget=1))
    assert meters.model_failures.failures == 0
    assert await scrape(meters, "slackbot_model_calls_total", outcome="turn_budget") == 1


async def test_jobs_are_counted_by_their_end_and_a_refusal_is_no_outage(meters: Meters) -> None:
    fake = FakeWarehouse()
    fake.knows("SELECT 1", Statement())
    warehouse = meters.warehouse(fake)
    fake.release()
    await warehouse.run(Job("j1", "SELECT 1", 10**9, 60))
    fake.fail_next_jobs(WarehouseUnavailable(), InvalidQuery())
    for name, error, failures in (("j2", WarehouseUnavailable, 1), ("j3", InvalidQuery, 0)):
        with pytest.raises(error):
            await warehouse.run(Job(name, "SELECT 1", 10**9, 60))
        assert meters.warehouse_failures.failures == failures
    assert await scrape(meters, "slackbot_bigquery_jobs_total", outcome="done") == 1
    assert await scrape(meters, "slackbot_bigquery_jobs_total") == 3


def entry(key: str, **more: object) -> AuditEntry:
    payers = Payers("T1", "U1", "C1")
    return AuditEntry(
        key=key, kind="job", at=NOW, turn_id="t", conversation="c", payers=payers, policy_version="p", **more
    )  # type: ignore[arg-type]


async def test_a_bill_is_counted_once_however_often_it_is_settled(meters: Meters) -> None:
    budgets = meters.budgets(FakeBudgets())
    await budgets.reserve(entry("job:j1", job_id="j1"), Amount(100))
    for _ in range(3):
        await budgets.settle("j1", Amount(70, Decimal("0.5")), outcome="done")
    await budgets.charge(entry("model:1", cost_usd=Decimal("0.25")))
    assert await scrape(meters, "slackbot_bigquery_bytes_billed_total") == 70
    assert await scrape(meters, "slackbot_spend_usd_total", kind="bigquery") == 0.5
    assert await scrape(meters, "slackbot_spend_usd_total", kind="model") == 0.25


async def test_a_turn_that_is_given_up_has_failed_and_one_that_is_tried_again_has_not(
    meters: Meters, vitals: VitalSigns
) -> None:
    inbox = meters.inbox(MemoryInbox())
    await inbox.put(turn("a", conversation="a"))
    await inbox.put(turn("b", conversation="b"))
    first, second = await inbox.claim(2)
    await inbox.retry(first, "503", timedelta(0))
    assert await scrape(meters, "slackbot_turns_total") == 0
    await inbox.bury(second, "503")
    assert await scrape(meters, "slackbot_turns_total", outcome="failed") == 1
    assert vitals.read().last_turn is not None
    assert await scrape(meters, "slackbot_items_total", kind="turn", outcome="retried") == 1
    assert await scrape(meters, "slackbot_items_total", kind="turn", outcome="buried") == 1


async def test_what_an_operator_drops_has_not_failed(meters: Meters, vitals: VitalSigns) -> None:
    inbox = meters.inbox(MemoryInbox())
    await inbox.put(turn("a"))
    (claim,) = await inbox.claim(1)
    await inbox.bury(claim, f"{DROPPED}kim")
    assert await scrape(meters, "slackbot_items_total", kind="turn", outcome="dropped") == 1
    assert await scrape(meters, "slackbot_items_total", outcome="buried") == 0
    assert await scrape(meters, "slackbot_turns_total", outcome="failed") == 0
    last = vitals.read().last_turn
    assert last is not None
    assert last.outcome == "stopped"


async def test_an_outcome_that_came_too_late_is_somebody_elses(meters: Meters) -> None:
    memory = MemoryInbox()
    inbox = meters.inbox(memory)
    await inbox.put(turn("a"))
    (claim,) = await inbox.claim(1)
    memory.lose("a")
    assert not await inbox.bury(claim, "503")
    assert await scrape(meters, "slackbot_items_total", outcome="lost") == 1
    assert await scrape(meters, "slackbot_turns_total") == 0


class ScriptedPresenter:
    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        yield ScriptedDraft()


class ScriptedDraft:
    async def show(self, progress: object) -> None: ...
    async def finish(self, answer: Answer, seconds: float | None) -> None: ...
    async def say(self, *notices: Notice) -> None: ...
    async def help(self) -> None: ...


ANSWER = Answer("t", "en", Route(Action.SQL_EXECUTE, 1.0, ""))


async def test_an_answer_is_timed_from_the_persons_message_to_its_place_in_slack(meters: Meters) -> None:
    presenter = meters.presenter(ScriptedPresenter(), lambda: NOW)
    place = Place("t", "c", "C1", None, "U1", NOW.timestamp() - 7, "en")
    async with presenter.open(place, may_exist=False) as draft:
        await draft.say(Notice("turn.trying_again"))
        assert await scrape(meters, "slackbot_answer_seconds_count") == 0
        await draft.finish(ANSWER, 1.0)
    assert await scrape(meters, "slackbot_answer_seconds_sum") == pytest.approx(7)


async def test_what_was_never_counted_is_there_at_zero_so_that_its_first_time_shows(meters: Meters) -> None:
    for name, labels in {
        "slackbot_turns_total": {"action": "sql_execute", "outcome": "failed"},
        "slackbot_items_total": {"kind": "turn", "outcome": "buried"},
        "slackbot_envelopes_total": {"type": "events_api", "result": "not_stored"},
    }.items():
        families = text_string_to_metric_families(await render(meters))
        found = [s.value for family in families for s in family.samples if s.name == name and s.labels == labels]
        assert found == [0.0]


async def test_a_gauge_shows_what_was_seen_last_and_nothing_where_nobody_could_look(
    meters: Meters, vitals: VitalSigns
) -> None:
    assert math.isnan(await scrape(meters, "slackbot_queue_age_seconds"))
    vitals.queue = Queue(running=2, waiting=3, later=1, oldest_seconds=4.5)
    assert await scrape(meters, "slackbot_queue_items", state="waiting") == 3
    assert await scrape(meters, "slackbot_queue_age_seconds") == 4.5
    assert await scrape(meters, "slackbot_ready") == 0
    vitals.connected_since, vitals.engine, vitals.database_is_up = (lambda: NOW), (lambda: "warm"), True
    assert await scrape(meters, "slackbot_ready") == 1
    vitals.is_draining = True
    assert await scrape(meters, "slackbot_ready") == 0
    assert await scrape(meters, "slackbot_build_info", version="1.2.3") == 1
    assert await scrape(meters, "process_resident_memory_bytes") > 0


def line(scope: Scope, subject: str, *, payer: str | None = None, spent: int = 50) -> BudgetLine:
    budget = Budget(scope, subject, Period.MONTH, 100, None)
    return BudgetLine(budget, (Standing(budget, payer or subject, Amount(spent), Amount(), "2026-02-01"),))


async def test_budgets_name_no_person_and_are_few(meters: Meters) -> None:
    lines = [
        line(Scope.WORKSPACE, "T1", spent=10),
        line(Scope.USER, "*", payer="U0SECRET", spent=90),
        line(Scope.USER, "U0OTHER", spent=20),
        line(Scope.CHANNEL, "*", payer="D0PRIVATE"),
    ]
    gauges = BudgetGauges(meters.instruments)
    gauges.show(lines)
    assert await scrape(meters, "slackbot_budget_used_ratio", account="user:*:month") == 0.9
    assert await scrape(meters, "slackbot_budget_used_ratio", account="workspace:T1:month") == 0.1
    text = await render(meters)
    assert not [name for name in ("U0SECRET", "U0OTHER", "D0PRIVATE") if name in text]
    gauges.show([line(Scope.CHANNEL, f"C{n}", spent=n) for n in range(100)])
    text = await render(meters)
    assert text.count("slackbot_budget_used_ratio{") == MOST_ACCOUNTS
    assert 'account="channel:C99:month"' in text


async def test_names_that_others_choose_cannot_make_series_without_end(meters: Meters) -> None:
    for number in range(1000):
        meters.slack_called(f"made.up{number}", "rate_limited")
        meters.envelope_handled(f"type{number}", "acked", 0.001)
    text = await render(meters)
    assert text.count("slackbot_slack_calls_total{") == MOST_METHODS + 1
    assert await scrape(meters, "slackbot_slack_rate_limited_total") == 1000
    assert text.count('slackbot_envelopes_total{result="acked"') < 40
