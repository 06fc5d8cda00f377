"""Lines that a person types, or that a pipe holds, read without standing in the event loop's way."""

import asyncio
import contextlib
import importlib
import io
import sys
import termios
import threading
from types import TracebackType
from typing import Any, Self


class TypedLines:
    """Standard input, line by line. At a terminal with a prompt, editing and a history."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._mode: list[Any] | None = None
        # Unbuffered: whoever leaves while a thread reads must not find the buffer's lock taken at exit.
        self._pipe = io.FileIO(sys.stdin.fileno(), closefd=False)

    def __enter__(self) -> Self:
        if self.is_terminal:
            importlib.import_module("readline")  # from then on input() has editing and a history
            self._mode = termios.tcgetattr(sys.stdin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mode is not None:  # a line that was being typed leaves the terminal without echo
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._mode)

    async def next(self, prompt: str) -> str | None:
        """The next line without its end; None after the last, or after Ctrl-D."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str | None] = loop.create_future()

        def deliver(text: str | None) -> None:
            if not line.done():
                line.set_result(text)

        def read() -> None:
            text = self._read(prompt)
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile: nobody waits
                loop.call_soon_threadsafe(deliver, text)

        # A thread of its own, not the loop's: nothing can wake it but a line, and an exit does not wait for it.
        threading.Thread(target=read, name="typed-line", daemon=True).start()
        return await line

    def _read(self, prompt: str) -> str | None:
        if not self.is_terminal:
            line = self._pipe.readline()
            return line.decode(errors="replace").rstrip("\r\n") if line else None
        try:
            return input(prompt)
        except EOFError:
            return None
