"""A reverse proxy in front of a service, with a wire across the road: `on_crossing` is told of every request
before it is forwarded and after it was answered. It may end the caller there; then nothing goes further."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiohttp import web

from tests.scenario.reverse_proxy import ReverseProxy


@dataclass(frozen=True)
class Crossing:
    """One moment of one request."""

    call: str
    """`slack chat.update`, `model plan_turn_action`, `bigquery dry_run`, `bigquery insert`, `bigquery results`."""
    moment: Literal["before", "after"]


OnCrossing: TypeAlias = Callable[[Crossing], Awaitable[bool]]
"""False: the caller is no more; a request that was not forwarded yet never arrived."""
Label: TypeAlias = Callable[[str, str, bytes], str]


class Tripwire(ReverseProxy):
    def __init__(self, target: str, label: Label, on_crossing: OnCrossing) -> None:
        super().__init__(target)
        self._label = label
        self._on_crossing = on_crossing

    async def answer(self, request: web.Request) -> web.Response:
        call = self._label(request.method, request.path, await request.read())
        if not await self._on_crossing(Crossing(call, "before")):
            return web.Response(status=502)
        response = await self.pass_on(request)
        await self._on_crossing(Crossing(call, "after"))
        return response


def slack_label(method: str, path: str, body: bytes) -> str:
    return f"slack {path.removeprefix('/api/')}"


def model_label(method: str, path: str, body: bytes) -> str:
    shape = json.loads(body).get("response_format", {}).get("json_schema", {}) if body else {}
    return f"model {shape.get('name', path)}"


def bigquery_label(method: str, path: str, body: bytes) -> str:
    if method == "POST" and path.endswith("/jobs"):
        return "bigquery dry_run" if json.loads(body)["configuration"].get("dryRun") else "bigquery insert"
    return "bigquery results" if "/queries/" in path else f"bigquery {method} {path.rsplit('/', 2)[-2]}"
