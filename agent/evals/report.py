"""The figures of a run: accuracy by action and language, the confusion table, faults apart, tokens, cost, latency."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from agent.evals.judge import Fault
from agent.llm.pricing import TokenPrice


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one case went."""

    id: int | str
    language: str
    question: str
    is_right: bool
    why: str
    """`right`, what was not (`wrong_result`, `wrong_action`, `read_outside`, ...), or an error's class name."""
    fault: Fault | None = None
    expected: str | None = None
    """The action, where the suite is about actions."""
    action: str | None = None
    """The road that was taken."""
    sql: str | None = None
    seconds: float = 0.0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    bytes_billed: int = 0
    warehouse_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class SuiteReport:
    verdicts: tuple[Verdict, ...]

    @property
    def right(self) -> int:
        return sum(verdict.is_right for verdict in self.verdicts)

    @property
    def total(self) -> int:
        return len(self.verdicts)

    @property
    def by_action(self) -> dict[str, dict[str, int]]:
        """Of each expected action: how many cases, how many right. Empty where the suite is not about actions."""
        return _tally((v for v in self.verdicts if v.expected), lambda verdict: str(verdict.expected))

    @property
    def by_language(self) -> dict[str, dict[str, int]]:
        return _tally(self.verdicts, lambda verdict: verdict.language)

    @property
    def confusion(self) -> dict[str, dict[str, int]]:
        """Expected action to the actions taken, with their numbers; `none` where no road was taken at all."""
        rows: dict[str, Counter[str]] = {}
        for verdict in self.verdicts:
            if verdict.expected:
                rows.setdefault(verdict.expected, Counter())[verdict.action or "none"] += 1
        return {expected: dict(taken) for expected, taken in rows.items()}

    def faults(self, fault: Fault) -> int:
        return sum(verdict.fault == fault for verdict in self.verdicts)

    def to_plain(self, price: TokenPrice | None = None) -> dict[str, Any]:
        """For `--json` and the files of past runs. `model_usd` is null where nobody said what tokens cost."""
        seconds = [verdict.seconds for verdict in self.verdicts]
        input_tokens = sum(verdict.input_tokens for verdict in self.verdicts)
        output_tokens = sum(verdict.output_tokens for verdict in self.verdicts)
        return {
            "total": self.total,
            "right": self.right,
            "accuracy": round(self.right / self.total, 4) if self.total else None,
            "false_accepts": self.faults("false_accept"),
            "false_rejects": self.faults("false_reject"),
            "by_action": self.by_action,
            "confusion": self.confusion,
            "by_language": self.by_language,
            "why": dict(Counter(verdict.why for verdict in self.verdicts)),
            "seconds": round(sum(seconds), 1),
            "latency_seconds": {"p50": round(median(seconds), 2), "max": max(seconds)} if seconds else None,
            "model_calls": sum(verdict.calls for verdict in self.verdicts),
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "model_usd": round(price.cost_usd(input_tokens, output_tokens), 6) if price else None,
            "bytes_billed": sum(verdict.bytes_billed for verdict in self.verdicts),
            "warehouse_usd": round(sum(verdict.warehouse_usd for verdict in self.verdicts), 6),
            "questions": [asdict(verdict) for verdict in self.verdicts],
        }


def _tally(verdicts: Iterable[Verdict], key: Callable[[Verdict], str]) -> dict[str, dict[str, int]]:
    tally: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        row = tally.setdefault(key(verdict), {"total": 0, "right": 0})
        row["total"] += 1
        row["right"] += verdict.is_right
    return tally
