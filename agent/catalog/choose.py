"""Which tables a question is about, when they do not all fit into a prompt: BM25 over names and descriptions."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from agent.bigquery.warehouse import TableInfo
from agent.catalog.render import render_examples, render_table, spoken_name

_WORD = re.compile(r"[a-z0-9]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
_K1, _B = 1.2, 0.75


def schema_text(tables: Sequence[TableInfo], question: str, *, default_project: str, budget_chars: int) -> str:
    """All tables where they fit (then the text is the same for every question), else the likeliest and other names."""
    rendered = [render_table(table, default_project) for table in tables]
    examples = render_examples(tables)
    if sum(len(text) + 1 for text in [*rendered, examples]) <= budget_chars:
        return "\n".join([*rendered, examples] if examples else rendered)
    return _likeliest(tables, rendered, question, default_project, budget_chars)


def _likeliest(
    tables: Sequence[TableInfo], rendered: Sequence[str], question: str, default_project: str, budget_chars: int
) -> str:
    names_budget = budget_chars // 5
    shown: list[str] = []
    left_out: list[str] = []
    spent = 0
    for index in rank(rendered, question):
        if spent + len(rendered[index]) + 1 <= budget_chars - names_budget:
            shown.append(rendered[index])
            spent += len(rendered[index]) + 1
        else:
            left_out.append(spoken_name(tables[index].name, default_project))
    others = ("Other tables, columns not shown: " + ", ".join(left_out))[:names_budget]
    return "\n".join([*shown, others])


def rank(documents: Sequence[str], query: str) -> list[int]:
    """Indexes of *documents*, best first; ties (a question in another script scores nothing) keep their order."""
    counted = [Counter(words(document)) for document in documents]
    average = sum(sum(counts.values()) for counts in counted) / max(len(counted), 1) or 1.0
    seen_in = Counter(word for counts in counted for word in counts)
    scores = [0.0] * len(counted)
    for word in set(words(query)):
        rarity = math.log(1 + (len(counted) - seen_in[word] + 0.5) / (seen_in[word] + 0.5))
        for index, counts in enumerate(counted):
            if found := counts[word]:
                length = _K1 * (1 - _B + _B * sum(counts.values()) / average)
                scores[index] += rarity * found * (_K1 + 1) / (found + length)
    return sorted(range(len(counted)), key=lambda index: -scores[index])


def words(text: str) -> list[str]:
    """Lower-case words without a plural s (`orders` finds `order_items`); Korean and Japanese in pairs."""
    found: list[str] = []
    for word in _WORD.findall(text.lower()):
        if not word.isascii():
            found.extend(word[start : start + 2] for start in range(max(len(word) - 1, 1)))
        else:
            found.append(word[:-1] if len(word) > 3 and word.endswith("s") else word)
    return found
