"""What the journal did not take, as the log counts it itself."""

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.logging import LineCounts


class LogLines(Collector):
    """Read at the scrape."""

    def __init__(self, counts: Callable[[], LineCounts]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        counts = self._counts()
        yield GaugeMetricFamily("slackbot_log_lines_spilled", "Lines that wait for the journal.", counts.waiting)
        yield CounterMetricFamily(
            "slackbot_log_lines_lost", "Lines that found no room while the journal was away.", counts.lost
        )
