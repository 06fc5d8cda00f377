"""A pooler, as stands before some Postgres servers: it lends its few connections for a session or a transaction.

As far as a client can tell: it hands out process numbers of its own, and in transaction mode each transaction may run
on another connection than the one before.
"""

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

READY, KEY, BYE = b"Z", b"K", b"X"
ENDS_A_REQUEST = (b"Q", b"S")


@dataclass(slots=True)
class Server:
    """A connection of the pooler's own."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: bytes = b""


class Pooler:
    def __init__(self, server_socket: Path, mode: Literal["session", "transaction"]) -> None:
        self._server_socket = server_socket
        self._mode = mode
        self._idle: list[Server] = []
        self._all: list[Server] = []

    @asynccontextmanager
    async def serving(self, folder: Path) -> AsyncGenerator[Path]:
        """The folder of its socket, for `host=`."""
        listening = await asyncio.start_unix_server(self._serve, folder / ".s.PGSQL.5432")
        try:
            yield folder
        finally:
            listening.close()
            for server in self._all:
                server.writer.close()
            await asyncio.gather(*(server.writer.wait_closed() for server in self._all), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            length = await reader.readexactly(4)
            startup = length + await reader.readexactly(struct.unpack("!i", length)[0] - 4)
            server: Server | None = await self._log_in(startup)
            writer.write(server.greeting)
            server = self._give_back(server)
            while (message := await _message(reader))[:1] != BYE:
                server = server or (self._idle.pop() if self._idle else await self._log_in(startup))
                server.writer.write(message)
                if message[:1] in ENDS_A_REQUEST and await _answer(server, writer) == b"I":
                    server = self._give_back(server)
        except asyncio.IncompleteReadError:
            pass  # the client is gone
        finally:
            writer.close()

    def _give_back(self, server: Server) -> Server | None:
        if self._mode == "session":
            return server
        self._idle.append(server)
        return None

    async def _log_in(self, startup: bytes) -> Server:
        server = Server(*await asyncio.open_unix_connection(self._server_socket))
        self._all.append(server)
        server.writer.write(startup)
        while not server.greeting.endswith(READY + b"\0\0\0\5I"):
            message = await _message(server.reader)
            number = struct.pack("!i", 1_000_000 + len(self._all))  # a process number of its own
            server.greeting += message[:5] + number + message[9:] if message[:1] == KEY else message
        return server


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)


async def _answer(server: Server, writer: asyncio.StreamWriter) -> bytes:
    """Pass an answer on to its end; the state of the transaction then: `I` is none."""
    while True:
        message = await _message(server.reader)
        writer.write(message)
        if message[:1] == READY:
            await writer.drain()
            return message[5:6]
