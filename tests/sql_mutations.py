"""Other spellings of a statement: what GoogleSQL reads the same, or refuses. None turns an attack into a read."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from hypothesis import strategies as st

Token: TypeAlias = tuple[str, str]
"""Its kind and its text; the texts of a statement's tokens join to the statement."""

_KINDS: Final = {
    "line_comment": r"(?:--|\#)[^\r\n]*",
    "comment": r"/\*.*?\*/",
    "long_string": r"(?i:\b(?:rb|br|r|b))?(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\")",
    "string": r"(?i:\b(?:rb|br|r|b))?(?:'(?:\\.|[^\\'\r\n])*'|\"(?:\\.|[^\\\"\r\n])*\")",
    "quoted": r"`(?:\\.|[^\\`\r\n])*`",
    "open": r"(?:/\*|['\"`]).*",  # it never ends: whatever is written behind it might end it
    "space": r"[ \t\r\n]+",
    "word": r"[A-Za-z_][A-Za-z0-9_]*",
    "number": r"[0-9][A-Za-z0-9_.]*",
    "other": r".",
}
_TOKEN: Final = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.DOTALL)
_PLAIN_STRING: Final = re.compile(r"['\"]([\w ]*)['\"]")

_SPACES: Final = (" ", "\n", "\t", "\r\n", "\f", "\v", "\u00a0", "\u2003", "\u3000", "  \n\t ")
_COMMENT_WORDS: Final = ("", "x", "; DROP TABLE a", "*", "'", '"""', "`", "\uff24\uff32", "\u202e", "\u2028", "é", "--")
NESTINGS: Final[tuple[tuple[str, str], ...]] = (
    ("(", ")"),
    ("SELECT * FROM (", ")"),
    ("SELECT (SELECT * FROM (", "))"),  # not `SELECT (`: a lone word is a column there
    ("SELECT ARRAY(SELECT x FROM (", "))"),
    ("WITH w AS (", ") SELECT * FROM w"),
    ("SELECT 1 UNION ALL (", ")"),
    ("FROM (", ") |> SELECT *"),
    ("SELECT 1 FROM sales.a WHERE EXISTS (", ")"),
)


def tokens_of(sql: str) -> list[Token]:
    return [(match.lastgroup or "other", match.group()) for match in _TOKEN.finditer(sql)]


def _gap(draw: st.DrawFn, after_line_comment: bool) -> str:
    words = draw(st.sampled_from(_COMMENT_WORDS))
    space = draw(st.sampled_from(_SPACES))
    kind = draw(st.sampled_from(("space", "block", "line", "hash")))
    gap = {"space": space, "block": f" /*{words} */ ", "line": f" --{words}\n", "hash": f" #{words}\n"}[kind]
    return f"\n{gap}" if after_line_comment else gap


@st.composite
def respaced(draw: st.DrawFn, sql: str) -> str:
    """Other whitespace and comments where there is whitespace, and before and after."""
    tokens = tokens_of(sql)
    kinds = ["", *(kind for kind, _ in tokens)]
    texts = [
        _gap(draw, before == "line_comment") if kind == "space" and draw(st.booleans()) else text
        for before, (kind, text) in zip(kinds, tokens, strict=False)
    ]
    if draw(st.booleans()):
        texts.insert(0, _gap(draw, after_line_comment=False))
    if kinds[-1] != "open" and draw(st.booleans()):
        texts.append(_gap(draw, kinds[-1] == "line_comment"))
    return "".join(texts)


@st.composite
def recased(draw: st.DrawFn, sql: str) -> str:
    """Words outside of quotes in another case: a dataset's name changes its meaning by that, and is granted no more."""
    change: Callable[[str], str] = draw(st.sampled_from((str.upper, str.lower, str.swapcase, str.title)))
    return "".join(change(text) if kind == "word" else text for kind, text in tokens_of(sql))


@st.composite
def requoted(draw: st.DrawFn, sql: str) -> str:
    """Dotted names in backticks, as one or one by one, with escapes in them; plain strings in other quotes."""
    quote = draw(st.sampled_from(("'", '"', "'''", '"""')))
    style = draw(st.sampled_from(("none", "whole", "each", "escaped")))
    texts: list[str] = []
    path: list[Token] = []
    for kind, text in [*tokens_of(sql), ("end", "")]:
        if kind == "word" or (text == "." and path):
            path.append((kind, text))
            continue
        texts += _quoted_path(path, style)
        path = []
        plain = _PLAIN_STRING.fullmatch(text) if kind == "string" else None
        texts.append(f"{quote}{plain[1]}{quote}" if plain else text)
    return "".join(texts)


def _quoted_path(path: list[Token], style: str) -> list[str]:
    texts = [text for _, text in path]
    if "." not in texts or texts[-1] == "." or style == "none":
        return texts
    match style:
        case "whole":
            return [f"`{''.join(texts)}`"]
        case "each":
            return [text if text == "." else f"`{text}`" for text in texts]
        case _:
            return ["`", *(f"\\u{ord(character):04x}" for character in "".join(texts)), "`"]


@st.composite
def nested(draw: st.DrawFn, sql: str, depths: tuple[int, ...]) -> str:
    head, tail = draw(st.sampled_from(NESTINGS))
    depth = draw(st.sampled_from(depths))
    inner = sql.rstrip().removesuffix(";")
    return f"{head * depth}{inner}\n{tail * depth}"


@st.composite
def mutated(draw: st.DrawFn, sql: str, depths: tuple[int, ...] = (1, 2, 3)) -> str:
    """One to three of the changes above, one upon the other."""
    for change in draw(st.lists(st.sampled_from((respaced, recased, requoted, nested)), min_size=1, max_size=3)):
        sql = draw(nested(sql, depths)) if change is nested else draw(change(sql))
    return sql
