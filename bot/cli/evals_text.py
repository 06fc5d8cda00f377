"""What `botctl evals run` prints for people: a line per case while it runs, the figures and tables at its end."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.evals.report import Verdict
from agent.turn import Action

_QUESTION_CHARS = 80
_ABOUT_FAULTS = ("routing", "refusal", "injection", "clarification")
_SHORT = {
    Action.CHAT_REPLY.value: "chat",
    Action.SCHEMA_LOOKUP.value: "schema",
    Action.SQL_VALIDATE_EXPLAIN.value: "explain",
    Action.SQL_GENERATE.value: "write",
    Action.SQL_EXECUTE.value: "run",
    Action.EXECUTION_APPROVE.value: "approve",
    Action.EXECUTION_CANCEL.value: "cancel",
    "none": "none",
}
"""The roads, as the heads of the confusion table name them."""


def verdict_line(verdict: Verdict) -> str:
    mark = "✓" if verdict.is_right else "✗"
    road = f" ({verdict.expected} → {verdict.action})" if verdict.expected and not verdict.is_right else ""
    words = " ".join(verdict.question.split())[:_QUESTION_CHARS]
    return f"{mark} {verdict.id:>5} {verdict.seconds:6.1f} s  {verdict.why:<20} {words}{road}"


def print_run(run: Mapping[str, Any]) -> None:
    console = Console(highlight=False, markup=False)
    console.print(f"{run['suite']}, {run['model']}: {run['right']} of {run['total']} right{_percent(run)}.")
    if run["suite"] in _ABOUT_FAULTS:
        console.print(f"False accepts {run['false_accepts']}, false rejects {run['false_rejects']}.")
    if run["by_action"]:
        console.print(_confusion(run))
    console.print(
        "By language: " + "; ".join(f"{k} {v['right']} of {v['total']}" for k, v in run["by_language"].items())
    )
    if latency := run["latency_seconds"]:
        console.print(f"Seconds per case: p50 {latency['p50']}, max {latency['max']}; {run['seconds']} in all.")
    console.print(f"Tokens: {run['input_tokens']} in, {run['output_tokens']} out, {run['model_calls']} calls.")
    model_usd = "unknown (see --token-price)" if run["model_usd"] is None else f"${run['model_usd']:.4f}"
    console.print(f"Cost: warehouse ${run['warehouse_usd']:.4f}, model {model_usd}.")
    _print_change(console, run)
    console.print(f"Saved as {run['saved_as']}", soft_wrap=True)


def _percent(run: Mapping[str, Any]) -> str:
    return "" if run["accuracy"] is None else f" ({100 * run['accuracy']:.1f} %)"


def _confusion(run: Mapping[str, Any]) -> Table:
    """Rows are the expected actions, columns the roads taken; it fits 80 characters."""
    columns = [name for name in _SHORT if any(name in row for row in run["confusion"].values())]
    table = Table("expected", "right", *(_SHORT[name] for name in columns), box=None, padding=(0, 1, 0, 0))
    for expected, tally in run["by_action"].items():
        row = run["confusion"][expected]
        cells = [str(row.get(name, "·")) for name in columns]
        table.add_row(expected, f"{tally['right']}/{tally['total']}", *cells)
    return table


def _print_change(console: Console, run: Mapping[str, Any]) -> None:
    change = run["change"]
    if change is None:
        console.print("No earlier run of this suite with this model.")
        return
    console.print(f"Since {change['since']} ({change['compared']} cases in both):", soft_wrap=True)
    for name in ("newly_right", "newly_wrong"):
        ids = ", ".join(map(str, change[name])) or "none"
        console.print(f"  {name.replace('_', ' ')}: {ids}", soft_wrap=True)
