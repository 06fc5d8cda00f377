"""The findings, for people and for programs."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.cli.doctor.finding import Finding, State

SCHEMA_VERSION: Final = 1
_MARKS: Final[Mapping[State, tuple[str, str]]] = {
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "bold red"),
    "skipped": ("–", "dim"),  # noqa: RUF001  # longer than a hyphen, as the other marks are
}


def worst_state(findings: Sequence[Finding]) -> State:
    """What is skipped is no better and no worse than well."""
    states = {finding.state for finding in findings}
    return "fail" if "fail" in states else "warn" if "warn" in states else "ok"


def as_json(findings: Sequence[Finding]) -> str:
    """`{"version": 1, "state": ok|warn|fail, "checks": [{"name", "state", "message", "remedy", "seconds"}]}`.

    *state* of a check may be `skipped` too; *remedy* is empty for what is well or skipped.
    """
    told = {
        "version": SCHEMA_VERSION,
        "state": worst_state(findings),
        "checks": [finding.as_json() for finding in findings],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def print_findings(findings: Sequence[Finding], console: Console) -> None:
    width = max((len(finding.name) for finding in findings), default=0)
    for finding in findings:
        mark, style = _MARKS[finding.state]
        line = Text.assemble((mark, style), f" {finding.name:<{width}}  ", (finding.outcome.message, _words(finding)))
        console.print(line, soft_wrap=True)
        if finding.outcome.remedy:
            console.print(f"  {'':<{width}}  → {finding.outcome.remedy}", soft_wrap=True, markup=False)
    console.print(_summary(findings), soft_wrap=True)


def _words(finding: Finding) -> str:
    return "dim" if finding.state == "skipped" else ""


def _summary(findings: Sequence[Finding]) -> str:
    counts = {state: sum(finding.state == state for finding in findings) for state in _MARKS}
    if not counts["fail"] and not counts["warn"]:
        return f"\nAll is well: {counts['ok']} checks, {counts['skipped']} skipped."
    return f"\n{counts['fail']} to mend, {counts['warn']} to look at, {counts['ok']} well, {counts['skipped']} skipped."
