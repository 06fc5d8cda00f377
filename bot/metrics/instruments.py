"""Every instrument there is, in one table: name, what it counts, labels. deploy/README.md shows it, a test compares.

Labels are of closed sets: methods, kinds, outcomes, at most `MOST_ACCOUNTS` budgets; never a person, a channel of one
person's, a table or a word.
"""

from collections.abc import Iterable
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.logging import line_counts
from bot.metrics.log_lines import LogLines

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
MOST_ACCOUNTS: Final = 30

ENVELOPE_RESULTS: Final = ("acked", "unmatched", "not_stored", "dropped")
ITEM_OUTCOMES: Final = ("completed", "retried", "released", "buried", "dropped", "lost")
SLACK_OUTCOMES: Final = ("ok", "refused", "rate_limited", "failed")
QUEUE_STATES: Final = ("running", "waiting", "later")

# A second series per counter, with the time of its first sample, that no rule of ours reads.
disable_created_metrics()


class Instruments:
    """On a registry of their own: two apps in one process (tests) count apart."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.ready = Gauge(
            "slackbot_ready", "1 while a question asked now would be taken and worked on here.", registry=registry
        )
        self.degraded = Gauge(
            "slackbot_degraded", "1 while this is not well, for a while now.", ["what"], registry=registry
        )
        self.envelopes = Counter(
            "slackbot_envelopes_total",
            "Envelopes from Slack, by what became of them.",
            ["type", "result"],
            registry=registry,
        )
        self.ack = Histogram(
            "slackbot_ack_seconds",
            "From an envelope's arrival to its ack. Slack waits for three seconds.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
            registry=registry,
        )
        self.queue_items = Gauge(
            "slackbot_queue_items",
            "Items of the inbox, of all daemons on this database together.",
            ["state"],
            registry=registry,
        )
        self.queue_age = Gauge(
            "slackbot_queue_age_seconds", "How long the oldest item has waited for a worker.", registry=registry
        )
        self.items = Counter(
            "slackbot_items_total",
            "Tries at items of the inbox, by how they ended.",
            ["kind", "outcome"],
            registry=registry,
        )
        self.turns = Counter(
            "slackbot_turns_total",
            "Questions, by what they were and how they ended.",
            ["action", "outcome"],
            registry=registry,
        )
        self.answer = Histogram(
            "slackbot_answer_seconds",
            "From a person's message to its whole answer in Slack.",
            buckets=(0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300, 900),
            registry=registry,
        )
        self.model_calls = Counter(
            "slackbot_model_calls_total", "Calls of the language model.", ["purpose", "outcome"], registry=registry
        )
        self.model_tokens = Counter(
            "slackbot_model_tokens_total",
            "Tokens sent to the model and written by it.",
            ["direction"],
            registry=registry,
        )
        self.model_seconds = Histogram(
            "slackbot_model_seconds",
            "One call of the model, its retries included.",
            buckets=(0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 180),
            registry=registry,
        )
        self.jobs = Counter(
            "slackbot_bigquery_jobs_total", "Queries that were run, by how they ended.", ["outcome"], registry=registry
        )
        self.bytes_billed = Counter(
            "slackbot_bigquery_bytes_billed_total", "Bytes that BigQuery billed.", registry=registry
        )
        self.spend = Counter(
            "slackbot_spend_usd_total", "US dollars, of the warehouse and of the model.", ["kind"], registry=registry
        )
        self.budget_used = Gauge(
            "slackbot_budget_used_ratio",
            "What is spent of a budget in its period: 1 is all of it.",
            ["account"],
            registry=registry,
        )
        self.slack_calls = Counter(
            "slackbot_slack_calls_total", "Requests to Slack's Web API.", ["method", "outcome"], registry=registry
        )
        self.rate_limited = Counter(
            "slackbot_slack_rate_limited_total",
            "Requests that Slack answered with 429.",
            ["method"],
            registry=registry,
        )
        self.checkpoint = Histogram(
            "slackbot_checkpoint_seconds",
            "One read or write of a conversation's memory in Postgres.",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )
        self.pool = Gauge(
            "slackbot_db_pool_connections",
            "Connections to Postgres of the stores' pool.",
            ["state"],
            registry=registry,
        )
        self.loop_lag = Gauge(
            "slackbot_loop_lag_seconds",
            "The longest that the event loop kept something waiting in the last minute.",
            registry=registry,
        )
        self.build = Gauge("slackbot_build_info", "Which version this is: always 1.", ["version"], registry=registry)
        registry.register(LogLines(line_counts))
        ProcessCollector(registry=registry)

    def seed(self, counter: Counter, *label_sets: Iterable[str]) -> None:
        """Start every combination at 0: of a series that begins at 1, the first failure, no rule sees an increase."""
        combinations: list[tuple[str, ...]] = [()]
        for labels in label_sets:
            combinations = [(*combination, label) for label in labels for combination in combinations]
        for combination in combinations:
            counter.labels(*combination)

    def render(self) -> bytes:
        """What a scrape reads. Blocking: it looks into /proc."""
        return generate_latest(self.registry)
