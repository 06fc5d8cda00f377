"""Keeps the conversation in a file, so that it is still on the page after a restart."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from bot.local.slack.shapes import Json, as_object, read_json

log = structlog.get_logger(__name__)

QUIET_SECONDS: Final = 0.2
"""Changes that come close together are written once."""


class StateFile:
    """Written beside and renamed, so that a kill at any moment leaves the old state or the new one."""

    def __init__(self, path: Path, dump: Callable[[], Json]) -> None:
        self._path = path
        self._dump = dump
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    async def load(self) -> Json:
        """What was saved; empty when nothing was, or when the file cannot be read (it is then set aside)."""
        try:
            return as_object(read_json(await asyncio.to_thread(self._path.read_text, "utf-8")))
        except FileNotFoundError:
            return {}
        except ValueError:
            spoilt = self._path.with_suffix(".spoilt")
            await asyncio.to_thread(os.replace, self._path, spoilt)
            log.warning("local_slack.state_set_aside", path=str(spoilt))
            return {}

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_writing(), name="local-slack-state")

    def mark(self) -> None:
        """Something changed."""
        self._changed.set()

    async def close(self) -> None:
        """Write what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._write()

    async def _keep_writing(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(QUIET_SECONDS)
            self._changed.clear()
            try:
                await self._write()
            except OSError as error:
                log.warning("local_slack.state_not_written", path=str(self._path), error=str(error))

    async def _write(self) -> None:
        # JSON's own escapes keep the file plain ASCII: a lone surrogate in a message cannot be written as UTF-8.
        # A cancelled to_thread leaves its thread writing: the shield keeps the lock until it has ended, so that the
        # last write of close() never meets an older one at the same file.
        await asyncio.shield(self._write_alone())

    async def _write_alone(self) -> None:
        async with self._writing:
            await asyncio.to_thread(self._replace, json.dumps(self._dump()))

    def _replace(self, text: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(f".{os.getpid()}.tmp")
        beside.write_text(text, "utf-8")
        os.replace(beside, self._path)
