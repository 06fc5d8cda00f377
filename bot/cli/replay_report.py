"""What a replay found, as text and as JSON: pure."""

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from agent.notice import Notice
from agent.turn import DecisionWord
from bot.cli.replay_past import PastStatement
from bot.i18n.catalogue import say_notice
from bot.i18n.numbers import bytes_text, usd_text

Change: TypeAlias = Literal["blocked", "asked", "opened"]
"""It ran and would be blocked; it ran at once and would wait; it was blocked, or waited, and would run at once."""

_SQL_SHOWN: Final = 160
_WORDS: Final = (DecisionWord.AUTO_EXECUTE, DecisionWord.APPROVAL_REQUIRED, DecisionWord.BLOCKED)
_SAID: Final = {
    "blocked": "ran, and would be blocked",
    "asked": "ran at once, and would wait for approval",
    "opened": "did not run at once, and would",
}


@dataclass(frozen=True, slots=True)
class Replayed:
    past: PastStatement
    would: DecisionWord | None
    """None: what the audit kept of it is no SQL any more."""
    reasons: tuple[Notice, ...]

    @property
    def change(self) -> Change | None:
        if self.would is DecisionWord.BLOCKED and self.past.ran:
            return "blocked"
        # What was only priced (a cheaper twin, a draft, an explanation) is in the audit as well, and never ran.
        if self.would is DecisionWord.APPROVAL_REQUIRED and self.past.was is DecisionWord.AUTO_EXECUTE:
            return "asked" if self.past.ran else None
        if self.would is DecisionWord.AUTO_EXECUTE and self.past.was is not DecisionWord.AUTO_EXECUTE:
            return "opened"
        return None


def report_json(replayed: Sequence[Replayed], *, examples: int) -> dict[str, Any]:
    """`saved` is what was billed for the blocked ones; `asked` would have been billed all the same after a yes."""
    return {
        "statements": len(replayed),
        "turns": len({one.past.turn_id for one in replayed}),
        "unreadable": sum(one.would is None for one in replayed),
        "was": {word.value: _counts(replayed, word) for word in _WORDS},
        "saved": _sums(replayed, "blocked"),
        "asked": _sums(replayed, "asked"),
        "opened": _sums(replayed, "opened"),
        "examples": [_example(one) for one in _examples(replayed, examples)],
    }


def report_lines(replayed: Sequence[Replayed], *, examples: int) -> Generator[str]:
    told = report_json(replayed, examples=examples)
    yield f"statements: {told['statements']}, of turns: {told['turns']}"
    if told["unreadable"]:
        yield f"{told['unreadable']} of them can no longer be read: what was personal in them is masked"
    yield f"{'was, and would be':<30}{'run':>8}{'asked':>8}{'blocked':>9}"
    for word in _WORDS:
        counts = told["was"][word.value]
        run, asked, blocked = (counts[would.value] for would in _WORDS)
        yield f"{word.value:<30}{run:>8}{asked:>8}{blocked:>9}"
    for change, key in (("blocked", "saved"), ("asked", "asked"), ("opened", "opened")):
        sums = told[key]
        money = f"{bytes_text(sums['bytes'])}, {usd_text(sums['usd'])}"
        yield f"{sums['statements']} {_SAID[change]}: {money}{' saved' if key == 'saved' else ''}"
    for example in told["examples"]:
        who = f"{example['asker']} in {example['channel']}"
        yield f"{example['change']:<8} {example['at'][:16]} {who}: {example['sql']}"
        for reason in example["reasons"]:
            yield f"         {reason}"


def _counts(replayed: Iterable[Replayed], word: DecisionWord) -> dict[str, int]:
    found = Counter(one.would for one in replayed if one.past.was is word)
    return {would.value: found[would] for would in _WORDS}


def _sums(replayed: Iterable[Replayed], change: Change) -> dict[str, Any]:
    """Of what ran: as it was billed; else as it was estimated, with no price."""
    those = [one.past for one in replayed if one.change == change]
    return {
        "statements": len(those),
        "bytes": sum(_size(past) for past in those),
        "usd": float(sum((past.cost_usd or Decimal(0) for past in those), Decimal(0))),
    }


def _size(past: PastStatement) -> int:
    return past.bytes_billed if past.bytes_billed is not None else past.bytes_estimated or 0


def _examples(replayed: Iterable[Replayed], most: int) -> list[Replayed]:
    """The dearest of each change."""
    changed = sorted(replayed, key=lambda one: _size(one.past), reverse=True)
    return [one for change in _SAID for one in [one for one in changed if one.change == change][:most]]


def _example(one: Replayed) -> dict[str, Any]:
    sql = " ".join(one.past.sql.split())
    return {
        "change": one.change,
        "at": one.past.at.isoformat(),
        "turn_id": one.past.turn_id,
        "asker": one.past.asker,
        "channel": one.past.channel,
        "sql": sql if len(sql) <= _SQL_SHOWN else f"{sql[: _SQL_SHOWN - 1]}…",
        "was": one.past.was.value,
        "would": one.would.value if one.would else None,
        "reasons": [f"{reason.code}: {say_notice('en', reason)}" for reason in one.reasons],
        "bytes_billed": one.past.bytes_billed,
        "bytes_estimated": one.past.bytes_estimated,
    }
