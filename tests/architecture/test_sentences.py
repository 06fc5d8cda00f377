"""No words for people outside the catalogues: nothing that the daemon is made of holds a sentence of its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parents[2] / "bot"
FOR_OPERATORS = (
    "cli/",
    "i18n/",  # the catalogues
    "local/",
    "logging/",
    "metrics/",
    "settings.py",
    "slack/identity.py",
    "slack/manifest/",  # Slack takes it in one language
    "status_line.py",
    "storage/",
    "supervised.py",
)
HEARD = ("slack/parse.py",)
"""Words that people say to the bot, in three languages."""
WORDS = re.compile(
    r"^\s*[A-Z][a-z]+[.!?:,…]*\s*$|[A-Za-z]{2,}[,.:;!?]? +[A-Za-z]{2,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
"""One capitalized word alone, two words, or any Hangul, kana or kanji."""
NOT_WORDS = {
    "charts/house_style.py": {"DejaVu Sans", "outside lower center"},  # a font, a place
    "inbox/attempt.py": {"stopped by a person", "lease lost"},  # messages of a cancellation
    "inbox/retry.py": {"dropped by "},  # who it was, for operators
    "inbox/runner.py": {"the handler was cancelled"},
    "result_files/texts.py": {"Infinity"},  # a value, the same in every file
}


def words_in(source: str) -> Iterator[str]:
    """The literals with words in them, but for what only developers read."""
    tree = ast.parse(source)
    unread = {id(part) for node in ast.walk(tree) for skipped in _for_developers(node) for part in ast.walk(skipped)}
    literals = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in unread)
    yield from (node.value for node in literals if isinstance(node.value, str) and WORDS.search(node.value))


def _for_developers(node: ast.AST) -> Iterator[ast.AST]:
    """What of *node* no person reads: docstrings, errors, log lines, types."""
    match node:
        case ast.Raise() | ast.Assert() | ast.Expr(value=ast.Constant()):
            yield node
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "re" | "asyncio"))):
            yield node
        case ast.Call(func=ast.Name(id="cast" | "TypeVar"), args=[first, *_]):
            yield first
        case ast.AnnAssign(annotation=type_) | ast.arg(annotation=ast.AST() as type_):
            yield type_
        case ast.FunctionDef(returns=ast.AST() as type_) | ast.AsyncFunctionDef(returns=ast.AST() as type_):
            yield type_
        case _:
            return


def spoken_files() -> list[str]:
    names = (path.relative_to(BOT).as_posix() for path in sorted(BOT.rglob("*.py")))
    return [name for name in names if not name.startswith((*FOR_OPERATORS, *HEARD))]


def test_no_sentence_stands_outside_the_catalogues() -> None:
    found = {name: set(words_in((BOT / name).read_text(encoding="utf-8"))) for name in spoken_files()}
    assert {name: words for name, words in found.items() if words} == NOT_WORDS


@pytest.mark.parametrize(
    "written",
    [
        'section("Save")',
        'context(f"{count} rows were left out")',
        '{"type": "plain_text", "text": "Show SQL"}',
        'texts.append("승인")',
        "text = 'Today, 承認'",
    ],
)
def test_a_sentence_that_somebody_writes_into_a_message_is_found(written: str) -> None:
    assert list(words_in(written))


@pytest.mark.parametrize(
    "written",
    [
        '"""What this is."""',
        'raise ValueError("not a number at all")',
        'log.info("area.what_happened", reason="gone for good")',
        'say(language, "answer.rows", count=1)',
        'cast("dict[str, Any] | None", body)',
        '{"type": "plain_text", "text": "SQL"}',
    ],
)
def test_what_no_person_reads_is_left_alone(written: str) -> None:
    assert not list(words_in(written))
