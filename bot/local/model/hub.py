"""Weights from the hub where their makers publish them."""

import asyncio
from pathlib import Path

import aiohttp

from bot.local.model.catalogue import ModelCard
from bot.local.model.weights import OnBytes, SourceError, size_of

OFFICIAL_HUB = "https://huggingface.co"
_BLOCK = 4 * 1024**2
# A machine without a way out should notice soon; a slow one may take as long as it needs.
_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=8, sock_connect=5, sock_read=30)


class HubSource:
    """`{hub}/{repository}/resolve/main/{file}`, continued by Range. Proxies come from the environment."""

    def __init__(self, hub: str = OFFICIAL_HUB) -> None:
        self._hub = hub.rstrip("/")

    @property
    def name(self) -> str:
        return self._hub.partition("://")[2]

    async def fetch(self, card: ModelCard, part: Path, on_bytes: OnBytes) -> None:
        here = await asyncio.to_thread(size_of, part)
        if here == card.size:
            return
        url = f"{self._hub}/{card.hub_repository}/resolve/main/{card.file}"
        headers = {"Range": f"bytes={here}-"} if here else {}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True, auto_decompress=False) as session,
                session.get(url, headers=headers) as response,
            ):
                start = _start_of(response, here, card)
                await _append(response, part, start, card, on_bytes)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SourceError(str(error) or "no answer in time") from error


def _start_of(response: aiohttp.ClientResponse, here: int, card: ModelCard) -> int:
    """Where the body belongs in the file. A page of a captive portal or another release is refused by its size."""
    if response.status not in (200, 206):
        raise SourceError(f"HTTP {response.status}")
    start = here if response.status == 206 else 0
    if response.content_length != card.size - start:
        raise SourceError(f"it offers {response.content_length} bytes where {card.size - start} were expected")
    return start


async def _append(response: aiohttp.ClientResponse, part: Path, start: int, card: ModelCard, on_bytes: OnBytes) -> None:
    done = start
    await asyncio.to_thread(_cut, part, start)
    async for block in response.content.iter_chunked(_BLOCK):
        await asyncio.to_thread(_write, part, block)
        done += len(block)
        on_bytes(done, card.size)


def _cut(part: Path, size: int) -> None:
    with part.open("ab") as file:
        file.truncate(size)


def _write(part: Path, block: bytes) -> None:
    with part.open("ab") as file:
        file.write(block)
