"""What every list and result request may carry, and the reading of bodies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from bot.local.bigquery.errors import BigQueryError

MAX_PAGE = 10_000
"""Rows or entries of one answer, whatever the client asks for."""


@dataclass(frozen=True, slots=True)
class Paging:
    start: int
    size: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Paging":
        """From `pageToken` or `startIndex`, and `maxResults`."""
        start = _number(parameters, "pageToken") or _number(parameters, "startIndex") or 0
        size = _number(parameters, "maxResults")
        return cls(start, MAX_PAGE if size is None else min(size, MAX_PAGE))


def _number(parameters: Mapping[str, Any], name: str) -> int | None:
    value = parameters.get(name)
    if value in (None, ""):
        return None
    if not str(value).isdigit():
        raise BigQueryError(400, "invalid", f"Invalid value for {name}: {value}")
    return int(str(value))


async def json_body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise BigQueryError(400, "parseError", "Parse Error: the body is not JSON.") from None
    if not isinstance(body, dict):
        raise BigQueryError(400, "parseError", "Parse Error: the body is not an object.")
    return cast(Mapping[str, Any], body)
