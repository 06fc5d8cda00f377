"""The daemon as a child of `botctl run`: the same `python -m bot` that systemd starts."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

CONFIGURATION_ERROR = 78
"""sysexits' EX_CONFIG: starting again would not help."""
_RESTART_SECONDS = 1.0
_STOP_SECONDS = 40.0
"""Longer than the daemon's own drain."""


class DaemonProcess:
    """Starts `python -m bot`, starts it again when it dies, and stops it with SIGTERM."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {**os.environ, **environ}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def keep_running(self) -> int:
        """Return only when the daemon asks to stay down; the exit code says why."""
        while True:
            code = await self.run_once()
            if code in (0, CONFIGURATION_ERROR):
                return code
            await asyncio.sleep(_RESTART_SECONDS)

    async def run_once(self) -> int:
        # its own session: Ctrl-C reaches the parent alone, which then stops the daemon in order
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", env=self._environ, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        try:
            return await self._process.wait()
        except asyncio.CancelledError:
            await asyncio.shield(self._stop())
            raise

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
