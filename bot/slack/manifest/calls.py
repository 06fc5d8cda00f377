"""The Web API methods that bot.slack calls, read out of its own source: scopes follow the code, nobody keeps a list.

A call is `client.chat_update(...)` by the SDK's name, or a literal name handed to `try_now`, `call_once`, `api_call`.
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

_BY_NAME: Final = frozenset({"api_call", "call_once", "try_now"})
_SDK: Final = frozenset(name for name in vars(AsyncWebClient) if "_" in name.strip("_") and name != "api_call")


@cache
def called_methods() -> frozenset[str]:
    """As Slack names them: `chat.postMessage`. Reads files."""
    return frozenset(method for source in _sources(files("bot.slack")) for method in methods_in(source))


def methods_in(source: str) -> frozenset[str]:
    return frozenset(
        method
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if (method := _method(node.func.attr, node.args))
    )


def _method(name: str, arguments: list[ast.expr]) -> str | None:
    if name in _SDK:
        return name.replace("_", ".")
    if name in _BY_NAME and arguments and isinstance(arguments[0], ast.Constant):
        return str(arguments[0].value)
    return None


def _sources(folder: Traversable) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry.read_text(encoding="utf-8")
