"""Charts as PNG, drawn in a process of their own: nothing on the event loop waits for a pixel."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bot.charts.chart import Chart

_ROOT: Final = Path(__file__).parents[2]
"""What our packages are imported from."""
_LONGEST_SECONDS: Final = 60.0
_SIDE_BY_SIDE: Final = 2
"""Each takes a core for a second and a hundred megabytes for as long."""
_LONGEST_TEXT: Final = 200
"""Characters of a title or a label that the painter is given."""


class NotDrawn(Exception):
    """The painter failed, or took too long."""


class Painter:
    def __init__(self, folder: Path) -> None:
        """*folder* is where the plotting library remembers the fonts of this machine."""
        self._folder = folder
        self._places = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def drawn(self, chart: Chart, title: str) -> bytes:
        """Raises NotDrawn."""
        asked = json.dumps(to_plain(chart, title)).encode()
        async with self._places:
            try:
                painting = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",  # the folder that the daemon runs in is not imported from
                    "-m",
                    "bot.charts.painter",
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    env={"MPLCONFIGDIR": str(self._folder), "PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8"},
                )
            except OSError as error:
                raise NotDrawn(f"the painter did not start: {error}") from error
            try:
                async with asyncio.timeout(_LONGEST_SECONDS):
                    picture, said = await painting.communicate(asked)
            except TimeoutError:
                raise NotDrawn("the painter took too long") from None
            finally:
                if painting.returncode is None:
                    painting.kill()
                    await painting.wait()
        if painting.returncode != 0 or not picture.startswith(b"\x89PNG"):
            raise NotDrawn(f"the painter ended with {painting.returncode}: {_last_line(said)}")
        return picture


def to_plain(chart: Chart, title: str) -> dict[str, object]:
    """What the painter reads."""
    series = [{**asdict(one), "name": one.name[:_LONGEST_TEXT]} for one in chart.series]
    labels = [label[:_LONGEST_TEXT] for label in chart.labels]
    return {**asdict(chart), "labels": labels, "series": series, "title": title[:_LONGEST_TEXT]}


def _last_line(said: bytes) -> str:
    """The error's own line: the lines above it may hold values of the result."""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1].partition(":")[0][:200] if lines else ""
