"""The counters as the daemon is wired with them: one decorator around each Protocol, so that features stay clean."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from agent.bigquery.warehouse import Warehouse
from agent.llm.model import Model
from agent.policy.budgets import Budgets
from bot.freshness import Answers
from bot.inbox.inbox import Inbox
from bot.metrics.bounded import Bounded
from bot.metrics.instruments import ENVELOPE_RESULTS, ITEM_OUTCOMES, QUEUE_STATES, Instruments
from bot.metrics.loop_lag import LoopLag
from bot.metrics.metered_answers import MeteredAnswers
from bot.metrics.metered_budgets import MeteredBudgets
from bot.metrics.metered_inbox import KINDS, MeteredInbox
from bot.metrics.metered_model import MeteredModel
from bot.metrics.metered_presenter import MeteredPresenter
from bot.metrics.metered_warehouse import OUTCOMES as JOB_OUTCOMES
from bot.metrics.metered_warehouse import MeteredWarehouse
from bot.metrics.streak import Streak
from bot.metrics.turn_book import TurnBook
from bot.surface import Presenter
from bot.vitals import VitalSigns

MOST_METHODS = 80
MOST_KINDS = 20


class Meters:
    """Everything of one process that is counted. Made anew for each app."""

    def __init__(self, vitals: VitalSigns, *, version: str = "") -> None:
        self.instruments = Instruments()
        self.model_failures = Streak()
        self.warehouse_failures = Streak()
        self._vitals = vitals
        self._turns = TurnBook(self.instruments, vitals)
        self._methods = Bounded(MOST_METHODS)
        self._envelope_types = Bounded(MOST_KINDS)
        self._lag = LoopLag()
        vitals.loop_lag = lambda: self._lag.longest
        self._start(version)

    def model(self, model: Model) -> MeteredModel:
        return MeteredModel(model, self.instruments, self.model_failures)

    def warehouse(self, warehouse: Warehouse) -> MeteredWarehouse:
        return MeteredWarehouse(warehouse, self.instruments, self.warehouse_failures)

    def budgets(self, budgets: Budgets) -> MeteredBudgets:
        return MeteredBudgets(budgets, self.instruments)

    def inbox(self, inbox: Inbox) -> MeteredInbox:
        return MeteredInbox(inbox, self.instruments, self._turns)

    def answers(self, answers: Answers) -> MeteredAnswers:
        return MeteredAnswers(answers, self._turns)

    def presenter(self, presenter: Presenter, now: Callable[[], datetime]) -> MeteredPresenter:
        return MeteredPresenter(presenter, self.instruments, now)

    def slack_called(self, method: str, outcome: str) -> None:
        """One request to the Web API: `ok`, `refused`, `rate_limited` or `failed`."""
        name = self._methods(method)
        self.instruments.slack_calls.labels(name, outcome).inc()
        if outcome == "rate_limited":
            self.instruments.rate_limited.labels(name).inc()

    def envelope_handled(self, envelope_type: str, result: str, seconds: float) -> None:
        """`acked`, `unmatched`, `not_stored` or `dropped`; the seconds until then."""
        self.instruments.envelopes.labels(self._envelope_types(envelope_type), result).inc()
        if result in {"acked", "unmatched"}:
            self.instruments.ack.observe(seconds)

    def checkpoint_kept(self, seconds: float) -> None:
        self.instruments.checkpoint.observe(seconds)

    def pool(self, in_use: Callable[[], int], idle: Callable[[], int]) -> None:
        """Of connections to the database; read at the scrape."""
        self.instruments.pool.labels("in_use").set_function(in_use)
        self.instruments.pool.labels("idle").set_function(idle)

    def degraded(self, names: Callable[[], Collection[str]], *, known: Iterable[str]) -> None:
        """*known* are all the names there are."""
        for name in known:
            self.instruments.degraded.labels(name).set_function(lambda name=name: float(name in names()))

    async def watch_loop(self) -> None:
        await self._lag.watch()

    def _start(self, version: str) -> None:
        one = self.instruments
        one.build.labels(version).set(1)
        one.ready.set_function(lambda: float(self._vitals.read().is_ready))
        one.loop_lag.set_function(lambda: self._lag.longest)
        one.queue_age.set_function(lambda: queue.oldest_seconds if (queue := self._vitals.queue) else float("nan"))
        for state in QUEUE_STATES:
            one.queue_items.labels(state).set_function(lambda state=state: self._queue(state))
        one.seed(one.envelopes, ("events_api", "interactive", "slash_commands"), ENVELOPE_RESULTS)
        one.seed(one.items, KINDS, ITEM_OUTCOMES)
        one.seed(one.jobs, JOB_OUTCOMES)
        one.seed(one.spend, ("bigquery", "model"))
        one.seed(one.model_tokens, ("input", "output"))

    def _queue(self, state: str) -> float:
        queue = self._vitals.queue
        return float("nan") if queue is None else float(getattr(queue, state))
