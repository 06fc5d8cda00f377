"""No line of the log is handed what people wrote, a statement or a row; redaction is the second net, not the first."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
SAID = {"answer", "blocks", "body", "payload", "prompt", "question", "rows", "said", "sql", "text", "title", "words"}
"""What such things are called here, as a variable or as a field of something."""
HARMLESS = {
    ("agent/sql/workflow.py", "words"),  # masked and without quotes by then
    ("bot/result_files/service.py", "rows"),  # how many were written
}


@cache
def log_calls() -> tuple[tuple[str, ast.Call], ...]:
    return tuple(_log_calls())


def _log_calls() -> Iterator[tuple[str, ast.Call]]:
    for package in ("agent", "bot"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if "log." in text else ():
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)) if level in LEVELS:
                        yield path.relative_to(ROOT).as_posix(), node


def handed(node: ast.AST) -> Iterator[str]:
    """The names whose values a line gets. How long something is tells nothing of it, nor does what hangs on it."""
    match node:
        case ast.Call(func=ast.Name(id="len" | "sorted")):
            return
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Call(args=args, keywords=keywords):
            for inner in [*args, *keywords]:
                yield from handed(inner)
        case _:
            for inner in ast.iter_child_nodes(node):
                yield from handed(inner)


def test_no_log_call_is_handed_words_statements_or_rows() -> None:
    calls = log_calls()
    assert len(calls) > 150, "this looks where the calls are"
    found = {
        (path, name)
        for path, call in calls
        for argument in [*call.args, *call.keywords]
        for name in handed(argument)
        if name in SAID
    }
    assert found == HARMLESS


def test_every_line_names_its_event_by_a_constant_of_two_parts() -> None:
    """`area.what_happened`: what a sentence would interpolate is a field, and so is searched, and found again."""
    for path, call in log_calls():
        match call.args:
            case [ast.Constant(value=str() as event)]:
                area, _, what = event.partition(".")
                assert area.isidentifier(), f"{path}:{call.lineno} {event}"
                assert what.isidentifier(), f"{path}:{call.lineno} {event}"
            case _:
                raise AssertionError(f"{path}:{call.lineno} is no log.level('area.what_happened', field=...)")
