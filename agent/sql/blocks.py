"""SQL that a person wrote into a message. This is parsing, not guessing: a fenced block, or a message that is SQL."""

import re

MAX_SQL_CHARS = 20_000

_FENCE = re.compile(
    r"```(?:(?P<sql>sql|googlesql|bigquery)\b|(?P<other>[A-Za-z]+)(?=[ \t]*\n))?(?P<body>.*?)```",
    re.DOTALL | re.IGNORECASE,
)
_IS_SQL = re.compile(r"(?:--[^\n]*\n\s*)*(?:SELECT|WITH)\s", re.IGNORECASE)


def sql_in(text: str) -> str | None:
    """The first ```sql block, else the first untagged block, else the whole message where it starts as SQL does.

    Cut at MAX_SQL_CHARS, which no dry run accepts by accident: half a statement does not parse as another one.
    """
    blocks = [match for match in _FENCE.finditer(text) if match["body"].strip() and not match["other"]]
    for block in sorted(blocks, key=lambda match: match["sql"] is None):  # tagged ones first, each in its order
        return block["body"].strip()[:MAX_SQL_CHARS]
    whole = text.strip()
    # `SELECT` alone also opens English sentences ("With that in mind ..."): SQL names what it selects from or ends so.
    if _IS_SQL.match(whole) and re.search(r"\bSELECT\b", whole, re.IGNORECASE):
        return whole[:MAX_SQL_CHARS]
    return None
