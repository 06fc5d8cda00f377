"""Labelled statements of public repositories, where the file is: it is not part of this repository."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from agent.sql.verdict import Verdict

_FOLDER = os.environ.get("DATA_BOLT_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus"
CORPUS: Final = Path(_FOLDER) / "statements.jsonl.gz"
HOW_TO_GET: Final = f"no {CORPUS.name}: set DATA_BOLT_CORPUS to its folder"

MISLABELLED: Final = {
    # A test's set-up: `SELECT 1 AS placeholder`, under a comment about the ALTER of another file. It reads nothing.
    "bqemulator-01407",
}
# What goes to a person by its construct, whoever may read the tables: it says nothing about false refusals.
_ASKED_BY_CONSTRUCT: Final = frozenset(
    f"approval.{construct}"
    for construct in ("table_function", "function", "construct", "metadata", "recursive", "temp_function")
)


def statements() -> Iterator[dict[str, Any]]:
    """Rows with `id`, `sql`, `dialect` and `expect`: allow, deny, escalate, or invalid (anything but a write)."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def is_asked_by_construct(verdict: Verdict) -> bool:
    return verdict.decision == "approval" and any(reason.code in _ASKED_BY_CONSTRUCT for reason in verdict.reasons)
