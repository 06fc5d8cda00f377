"""SQL laid out over lines for people: its own text with line ends in some of its blanks, so it stays what ran.

sqlglot's pretty printer says the same in other words (`AS` added, `!=` for `<>`) in two of three statements: only its
tokenizer is used.
"""

from collections.abc import Iterator
from typing import Final

from sqlglot import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token

_LONGEST: Final = 20_000
"""Characters. It runs on the event loop, at a millisecond for each few thousand."""
_CLAUSES: Final = frozenset(
    ["FROM", "WHERE", "GROUP", "GROUP BY", "HAVING", "QUALIFY", "WINDOW", "ORDER", "ORDER BY", "LIMIT", "UNION"]
)
_JOINS: Final = frozenset(["JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS"])
_INDENT: Final = "  "


def laid_out(sql: str) -> str:
    """*sql* over several lines; as it is when it has lines already, is too long, or cannot be read."""
    if len(sql) > _LONGEST or "\n" in sql.strip():
        return sql
    try:
        tokens = Dialect.get_or_raise("bigquery").tokenize(sql)
    except SqlglotError:
        return sql
    text, done = "", 0
    for token, breaks in _breaks(tokens):
        gap = sql[done : token.start]
        text += breaks if breaks and not gap.strip() else gap
        text += sql[token.start : token.end + 1]
        done = token.end + 1
    return text + sql[done:]


def _breaks(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """Each token with the line end before it; empty where there is none."""
    is_query = [True]  # for each open parenthesis: whether a query is in it, not arguments
    before = ""
    words = [token.text.upper() for token in tokens]
    for token, word, after in zip(tokens, words, [*words, ""][1:], strict=True):
        depth = is_query.count(True) - 1
        if word == ")" and len(is_query) > 1:
            was_query = is_query.pop()
            yield token, "\n" + _INDENT * (depth - 1) if was_query else ""
        elif is_query[-1] and before and (before == "(" or _begins_line(word, before, after)):
            yield token, "\n" + _INDENT * depth
        else:
            yield token, ""
        if word == "(":
            is_query.append(after in ("SELECT", "WITH"))
        before = word


def _begins_line(word: str, before: str, after: str) -> bool:
    if word == "SELECT":
        return before in (")", "ALL", "DISTINCT") or before.startswith("UNION")
    if word in _JOINS:
        return before not in _JOINS and before != "OUTER" and after != "("
    return word in _CLAUSES and before != "."
