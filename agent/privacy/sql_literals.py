"""Values put into GoogleSQL where placeholders stand: as the text of a string literal, whatever they hold.

A value is data. Whatever quotes, backslashes or comment marks it carries, it cannot end the literal it is put into.
"""

import re
from collections.abc import Callable
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<kept>--[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z)|`(?:\\.|[^`\\])*(?:`|\Z))"""
    r"""|(?P<prefix>\b(?:[rR][bB]?|[bB][rR]?)|)(?P<quote>'''|\"\"\"|'|\")(?P<body>(?:\\.|(?!(?P=quote)).)*)(?P<end>(?P=quote)|\Z)"""
    r"""|(?P<plain>(?:(?![`'"\#]|--|/\*|\b[rRbB]{1,2}['"]).)+)""",
    re.DOTALL,
)
"""Comments and quoted names, in which nothing is put; string literals; all between them."""


def put_into_sql(sql: str, within: Callable[[str, Callable[[str], str]], str], bare: Callable[[str], str]) -> str:
    """*sql* with its placeholders replaced.

    `within(text, spell)` replaces those of a literal's text, each value written by `spell`; `bare(text)` those that a
    model left without quotes, by whole literals.
    """

    def put(found: re.Match[str]) -> str:
        if found["kept"] is not None:
            return found[0]
        if found["plain"] is not None:
            return bare(found[0])
        return _literal(found, within)

    return _TOKEN.sub(put, sql)


def string_literal(value: str) -> str:
    """*value* as a GoogleSQL string."""
    return f"'{_escaped(value, chr(39))}'"


def _literal(found: re.Match[str], within: Callable[[str, Callable[[str], str]], str]) -> str:
    prefix, quote, body = found["prefix"], found["quote"], found["body"]
    if "r" not in prefix.lower():
        return f"{prefix}{quote}{within(body, lambda value: _escaped(value, quote))}{found['end']}"
    filled = within(body, str)
    if not re.search(r"['\"\\\n\r]", filled) or filled == body:
        return f"{prefix}{quote}{filled}{found['end']}"
    # a raw literal cannot hold every value: the same text as an ordinary one
    return f"{re.sub('[rR]', '', prefix)}{quote}{_escaped(filled, quote)}{found['end']}"


def _escaped(value: str, quote: str) -> str:
    for plain, spelled in (("\\", "\\\\"), (quote[0], f"\\{quote[0]}"), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(plain, spelled)
    return value
