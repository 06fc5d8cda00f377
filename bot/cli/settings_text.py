"""The settings as text: .env.example and README's tables. `python -m bot.cli.settings_text` rewrites both."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from bot.settings import Settings

_GROUPS = {
    "Slack": ("slack_", "channel_", "suggested_"),
    "Model": ("openai_", "laas_", "turn_", "conversation_", "answer_"),
    "Access, cost and approval": (
        *("policy_", "budget_", "bigquery_datasets", "bigquery_max_bytes", "bigquery_auto_execute", "bigquery_pricing"),
        *("bigquery_usd", "bigquery_appro", "bigquery_requester", "bigquery_four_eyes"),
    ),
    "BigQuery and the way to an answer": ("bigquery_", "google_"),
    "Storage": ("database_", "langgraph_", "result_", "state_", "cache_"),
    "Process": ("workers", "drain_", "health_", "otel_", "log_"),
}
"""By the first prefix that fits."""
_BEGIN, _END = "<!-- settings: begin (made by python -m bot.cli.settings_text) -->", "<!-- settings: end -->"


def grouped_fields() -> dict[str, list[tuple[str, FieldInfo]]]:
    """Every field of Settings under its heading; one that fits nowhere is an error of this file."""
    groups: dict[str, list[tuple[str, FieldInfo]]] = {title: [] for title in _GROUPS}
    for name, field in Settings.model_fields.items():
        title = next(title for title, prefixes in _GROUPS.items() if name.startswith(prefixes))
        groups[title].append((name.upper(), field))
    return groups


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if field.default_factory is not None or value is None or value == ():
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def env_example() -> str:
    """The text of .env.example: every variable, commented out, with its default."""
    parts = [
        "# Copy to .env and fill in what you have: `make run` stands in for the rest.",
        "# Made from bot/settings.py by `python -m bot.cli.settings_text`.",
    ]
    for title, fields in grouped_fields().items():
        parts.append(f"\n# --- {title} ---")
        for name, field in fields:
            parts += [f"# {field.description}", f"#{name}={_default(field)}"]
    return "\n".join(parts) + "\n"


def markdown_tables() -> str:
    """README's: one for each group, folded up, for all of them together are longer than the rest of it."""
    return "\n".join(_folded(title, fields) for title, fields in grouped_fields().items())


def with_tables(readme: str) -> str:
    """*readme* with the tables between its two marks made anew."""
    pattern = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
    return pattern.sub(lambda _: f"{_BEGIN}\n{markdown_tables()}\n{_END}", readme)


def _folded(title: str, fields: Sequence[tuple[str, FieldInfo]]) -> str:
    rows = ["| variable | default | what it does |", "| --- | --- | --- |"]
    for name, field in fields:
        default = _default(field)
        rows.append(f"| `{name}` | {f'`{default}`' if default else 'unset'} | {field.description} |")
    summary = f"<summary><b>{title}</b>: {len(fields)} settings</summary>"
    return "\n".join(["<details>", summary, "", *rows, "", "</details>"])


if __name__ == "__main__":
    Path(".env.example").write_text(env_example())
    Path("README.md").write_text(with_tables(Path("README.md").read_text()))
