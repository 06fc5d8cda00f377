"""The tables of bot/README.md that say what code says: scopes, and failures. `python -m bot.cli.slack_guide` rewrites
them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli.failure_meanings import MEANINGS
from bot.i18n.catalogue import SENTENCES
from bot.slack.manifest.scopes import REASONS

GUIDE: Final = Path("bot/README.md")


def with_tables(guide: str, scopes: Sequence[str]) -> str:
    """*guide* with its tables made anew between their marks; *scopes* are those of the manifest."""
    return _between(_between(guide, "scopes", scope_table(scopes)), "failures", failure_table())


def scope_table(scopes: Sequence[str]) -> str:
    rows = ["| scope | so that the bot can |", "| --- | --- |"]
    return "\n".join(rows + [f"| `{scope}` | {REASONS[scope]} |" for scope in scopes])


def failure_table() -> str:
    rows = ["| what people read | what it means, what to do | code |", "| --- | --- | --- |"]
    return "\n".join(rows + [f"| {_sentence(code)} | {MEANINGS[code]} | `{code}` |" for code in sorted(MEANINGS)])


def _sentence(code: str) -> str:
    sentence = SENTENCES["en"][code]
    text = sentence if isinstance(sentence, str) else sentence["other"]
    return re.sub(r"\{(\w+)[^}]*\}", r"*\1*", text).replace("|", r"\|")


def _between(guide: str, name: str, table: str) -> str:
    begin, end = f"<!-- {name}: begin (made by python -m bot.cli.slack_guide) -->", f"<!-- {name}: end -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{table}\n{end}", guide)


if __name__ == "__main__":
    import asyncio

    from bot.cli.manifest import current_manifest

    manifest = asyncio.run(current_manifest())
    GUIDE.write_text(with_tables(GUIDE.read_text(), manifest["oauth_config"]["scopes"]["bot"]))
