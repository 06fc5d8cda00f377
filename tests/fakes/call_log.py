"""What a client sent to Slack and when, as the client itself knows it: what it was told before it sent the next."""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

import aiohttp

PER_CHANNEL: Final = frozenset({"chat.postMessage", "chat.postEphemeral"})
CLOCK_ERROR: Final = 0.001


@dataclass
class Sent:
    method: str
    at: float
    channel: str = ""
    not_before: float = 0.0
    """After a 429: when its Retry-After has passed. 0.0: it was no 429."""
    answered_at: float = float("inf")

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.channel if self.method in PER_CHANNEL else ""


class CallLog:
    """`aiohttp.ClientSession(trace_configs=[call_log.trace])`."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_start.append(self._on_start)
        self.trace.on_request_chunk_sent.append(self._on_body)
        self.trace.on_request_end.append(self._on_answer)

    def during_retry_after(self) -> list[Sent]:
        """Calls that were sent though the client had been told to wait."""
        return [sent for sent in self.sent if any(_forbids(refused, sent) for refused in self.sent)]

    @property
    def refused(self) -> list[Sent]:
        return [sent for sent in self.sent if sent.not_before]

    async def _on_start(self, _: Any, context: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
        context.sent = Sent(params.url.path.rpartition("/")[2], asyncio.get_running_loop().time())
        self.sent.append(context.sent)

    async def _on_body(self, _: Any, context: SimpleNamespace, params: aiohttp.TraceRequestChunkSentParams) -> None:
        with contextlib.suppress(ValueError):  # a form, or nothing
            context.sent.channel = str(json.loads(params.chunk).get("channel", ""))

    async def _on_answer(self, _: Any, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        context.sent.answered_at = asyncio.get_running_loop().time()
        if params.response.status == 429:
            context.sent.not_before = context.sent.answered_at + float(params.response.headers["Retry-After"])


def _forbids(refused: Sent, sent: Sent) -> bool:
    is_after = refused.key == sent.key and refused.answered_at < sent.at
    return is_after and sent.at < refused.not_before - CLOCK_ERROR
