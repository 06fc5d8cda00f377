"""The constant beginnings of prompts, computed once per machine: a system prompt of 2500 tokens takes two cores half a
minute, and reading what became of it back from disk takes 10 ms. What people say is never written."""

import asyncio
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp
import structlog

log = structlog.get_logger(__name__)

_WORTH_KEEPING_CHARACTERS = 800
"""Two seconds of work and more."""
_LARGEST_BODY = 1024**2
_DISK_BYTES = 512 * 1024**2
_KEPT_PER_START = 8
"""A schema too large for one prompt makes a new beginning for every question: those are not worth their disk."""
_QUICK = aiohttp.ClientTimeout(total=3)
"""Before a request: where the server is busy it answers late, and the request goes its ordinary way."""
_LAST_WRITES_SECONDS = 3.0
_PATIENT = aiohttp.ClientTimeout(total=300)
"""After a reply nobody waits, and the next long prompt may be under way."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """A system prompt and, where it is new to this server, the slot that it is put into."""

    system: str
    key: str
    slot: int | None
    is_kept: bool


class PrefixCache:
    """Works by llama.cpp's own slot files; whatever fails costs time and nothing else.

    *kind* names what the files depend on beside the text: weights and server version.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        self._kind = kind
        self._seen: set[str] = set()
        self._choosing = asyncio.Lock()
        self._keeping: set[asyncio.Task[None]] = set()
        self._kept = 0
        self._is_closed = False

    def forget(self) -> None:
        """A new server process remembers nothing."""
        self._seen.clear()

    async def close(self) -> None:
        """While the server still runs: a command that asks one question ends just when its beginnings are written."""
        self._is_closed = True
        if self._keeping:
            _, late = await asyncio.wait(self._keeping, timeout=_LAST_WRITES_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def prepare(self, session: aiohttp.ClientSession, server: str, body: bytes) -> tuple[bytes, Prefix | None]:
        """The body to send; with a Prefix when its beginning should be kept after the reply."""
        request = _chat_request(body)
        system = _system_of(request)
        if request is None or system is None:
            return body, None
        key = hashlib.sha256(f"{self._kind}\0{system}".encode()).hexdigest()[:32]
        async with self._choosing:  # two requests with one beginning would fill the same slot
            if key in self._seen:
                return body, None
            try:
                prefix = await self._place(session, server, system, key)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                log.info("prefixes.skipped", error=type(error).__name__)
                return body, None
            if prefix.slot is None:
                return body, None
            self._seen.add(key)
        return json.dumps({**request, "id_slot": prefix.slot}).encode(), prefix

    def keep_later(self, session: aiohttp.ClientSession, server: str, prefix: Prefix) -> None:
        """Write the beginning to disk beside the traffic, once there has been a good reply to it."""
        if prefix.is_kept or self._is_closed or self._kept == _KEPT_PER_START:
            return
        self._kept += 1
        task = asyncio.create_task(self._keep(session, server, prefix), name="prefix-keep")
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _place(self, session: aiohttp.ClientSession, server: str, system: str, key: str) -> Prefix:
        slot = await _emptiest_idle_slot(session, server)
        path = self.folder / key
        if slot is None or not await asyncio.to_thread(path.exists):
            return Prefix(system, key, slot, is_kept=False)
        restored = await _slot_action(session, server, slot, "restore", key)
        if restored:
            await asyncio.to_thread(os.utime, path)
        else:  # of another make, or cut off: written anew after the reply
            await asyncio.to_thread(path.unlink, missing_ok=True)
        log.info("prefixes.restored", is_restored=restored, slot=slot)
        return Prefix(system, key, slot, is_kept=restored)

    async def _keep(self, session: aiohttp.ClientSession, server: str, prefix: Prefix) -> None:
        """Cut the slot back to the system prompt, so that no question reaches the disk, and save it."""
        assert prefix.slot is not None
        messages = [{"role": "system", "content": prefix.system}, {"role": "user", "content": ""}]
        unfinished = f"{prefix.key}.part"
        try:
            cut = {"messages": messages, "max_tokens": 1, "id_slot": prefix.slot}
            async with session.post(f"{server}/v1/chat/completions", json=cut, timeout=_PATIENT) as response:
                response.raise_for_status()
            if await _slot_action(session, server, prefix.slot, "save", unfinished):
                await asyncio.to_thread(_put_in_place, self.folder, unfinished, prefix.key)
                log.info("prefixes.kept", characters=len(prefix.system))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("prefixes.not_kept", error=type(error).__name__)


def _chat_request(body: bytes) -> dict[str, Any] | None:
    if len(body) > _LARGEST_BODY:
        return None
    try:
        request = json.loads(body)
    except ValueError:  # the server's to complain about
        return None
    return request if isinstance(request, dict) else None


def _system_of(request: dict[str, Any] | None) -> str | None:
    """The system prompt when it comes first and is long enough to matter."""
    match request:
        case {"messages": [{"role": "system", "content": str(system)}, *_]} if len(system) >= _WORTH_KEEPING_CHARACTERS:
            return system
        case _:
            return None


async def _emptiest_idle_slot(session: aiohttp.ClientSession, server: str) -> int | None:
    async with session.get(f"{server}/slots", timeout=_QUICK) as response:
        response.raise_for_status()
        slots: list[dict[str, Any]] = await response.json()
    idle = [slot for slot in slots if not slot["is_processing"]]
    emptiest = min(idle, key=lambda slot: slot.get("n_prompt_tokens", 0), default=None)
    return emptiest["id"] if emptiest else None


async def _slot_action(
    session: aiohttp.ClientSession, server: str, slot: int, action: Literal["save", "restore"], filename: str
) -> bool:
    """Whether any tokens were saved or restored: an empty slot is saved without complaint."""
    url = f"{server}/slots/{slot}?action={action}"
    timeout = _QUICK if action == "restore" else _PATIENT
    async with session.post(url, json={"filename": filename}, timeout=timeout) as response:
        if response.status != 200:
            return False
        result: dict[str, Any] = await response.json()
        return result.get("n_saved" if action == "save" else "n_restored", 0) > 0


def _put_in_place(folder: Path, unfinished: str, key: str) -> None:
    """Rename, then drop the longest unused until all fit."""
    (folder / unfinished).replace(folder / key)
    entries = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in folder.iterdir()), reverse=True)
    total = 0
    for _, size, path in entries:
        total += size
        if total > _DISK_BYTES:
            path.unlink(missing_ok=True)
