"""The settings as text: .env.example and README's table. `python -m bot.cli.settings_text` rewrites both."""

import re
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from bot.settings import Settings

_GROUPS = {
    "Slack": ("slack_", "channel_", "suggested_"),
    "Model": ("openai_", "laas_", "turn_", "conversation_", "answer_"),
    "BigQuery": ("bigquery_", "google_", "budget_", "policy_"),
    "Storage": ("database_", "langgraph_", "result_", "state_", "cache_"),
    "Process": ("workers", "drain_", "health_", "otel_", "log_"),
}
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


def markdown_table() -> str:
    """README's table of settings."""
    rows = ["| variable | default | what it does |", "| --- | --- | --- |"]
    for fields in grouped_fields().values():
        for name, field in fields:
            default = _default(field)
            rows.append(f"| `{name}` | {f'`{default}`' if default else 'unset'} | {field.description} |")
    return "\n".join(rows)


def with_table(readme: str) -> str:
    """*readme* with the table between its two marks made anew."""
    pattern = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
    return pattern.sub(lambda _: f"{_BEGIN}\n{markdown_table()}\n{_END}", readme)


if __name__ == "__main__":
    Path(".env.example").write_text(env_example())
    Path("README.md").write_text(with_table(Path("README.md").read_text()))
