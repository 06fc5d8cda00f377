"""The native server as a child process: started, watched for its address, ended with us."""

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from bot.local.model.catalogue import ModelCard

log = structlog.get_logger(__name__)

# By its path: the working directory need not be the repository; -P keeps our folder's names from shadowing others.
SERVE_COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("serve.py")))
# Tokens and keys of the daemon's environment are no business of a model server.
_HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHOME")
_START_SECONDS = 300
"""A slow disk reads the larger file in a minute or two; a server that says nothing for longer never will."""
_LAST_LINES = 20


class ServerDied(Exception):
    """The process ended before it answered; the message is what it said last."""


class NativeServer:
    """One running child."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._reading = asyncio.create_task(self._read_stderr(), name="local-model-stderr")

    async def address(self) -> str:
        """`http://127.0.0.1:PORT` when the model is loaded. Raises ServerDied."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise ServerDied(f"it did not start within {_START_SECONDS} s") from None
        if not line:
            raise ServerDied(await self.death())
        return json.loads(line)["address"]

    async def death(self) -> str:
        """Waits for the end and says how it came."""
        code = await self._process.wait()
        await self._reading
        last_words = next((line for line in reversed(self._said) if line), "it said nothing")
        if code == -9:
            return "it was killed, most likely for want of memory"
        return f"it ended with {code}: {last_words[:300]}"

    async def end(self) -> None:
        """A closed stdin is the polite word; generation in progress does not hold it up."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read_stderr(self) -> None:
        """Read to its end, or the child would block on a full pipe."""
        assert self._process.stderr is not None
        while block := await self._process.stderr.read(65536):
            self._said.extend(line.strip() for line in block.decode(errors="replace").splitlines())


@asynccontextmanager
async def native_server(
    command: Sequence[str], card: ModelCard, weights: Path, prefixes: Path
) -> AsyncGenerator[NativeServer]:
    """Start *command*; the child is gone when the block is left."""
    process = await asyncio.create_subprocess_exec(
        *command,
        "--weights",
        str(weights),
        "--name",
        card.name,
        "--prefixes",
        str(prefixes),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _HANDED_ON if name in os.environ},
    )
    log.info("local_model.server_started", pid=process.pid, model=card.name)
    server = NativeServer(process)
    try:
        yield server
    finally:
        # Shielded: leaving by cancellation must not leave two gigabytes behind.
        await asyncio.shield(server.end())
