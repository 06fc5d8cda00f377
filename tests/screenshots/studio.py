"""The product, a browser, and how a picture of it is taken: the same window, the same size, few colours."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image

from tests.chromium import Page
from tests.scenario.house import House
from tests.screenshots.readers import CHANNEL, Reader

COLOURS = 192
"""Text, bars and avatars need no more, and a picture weighs a third."""
WIDTH, HEIGHT, TALL = 1280, 800, 2000
"""CSS pixels; the tall window holds a whole answer without scrolling."""

STANDS_STILL = "document.fonts.ready.then(() => new Promise(r => setTimeout(r, 300))).then(() => true)"
MODAL_FILLED = "document.querySelector('dialog[open] textarea, dialog[open] pre')"


class Studio:
    """What a story acts on."""

    def __init__(self, house: House, page: Page) -> None:
        self.house = house
        self.page = page

    async def go(
        self,
        reader: Reader,
        channel: str = CHANNEL,
        thread: str | None = None,
        *,
        width: int = WIDTH,
        height: int = TALL,
    ) -> None:
        """The page as *reader* sees it there, with no message under the mouse."""
        await self.page.resize(width, height, 1.0)
        where = "/".join(part for part in (reader.user, channel, thread) if part)
        await self.page.evaluate(f"location.hash = {json.dumps(where)}")
        await self.page.command("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)

    async def ask(self, reader: Reader, question: str, channel: str = CHANNEL) -> tuple[str, dict[str, Any]]:
        """The thread, and the bot's message in it once that is final."""
        thread = await self.house.workspace.post(reader.user, channel, f"<@U0BOLT> {question}")
        return thread, (await self.house.answered(thread, channel))[-1]

    async def shoot(self, path: Path, selector: str | None = None) -> None:
        """The window, or the last element of *selector*, as a PNG."""
        if selector:
            await self.page.wait_for(f"document.querySelector({json.dumps(selector)})")
        await self.page.evaluate(STANDS_STILL)
        params = {"clip": {**await self._place(selector), "scale": 1}} if selector else {}
        taken = await self.page.capture(**params)
        await asyncio.to_thread(_write, path, taken)

    async def shoot_modal(self, path: Path, reader: Reader, message: dict[str, Any], action: str) -> None:
        """What the button *action* below *message* opens, once it is filled."""
        workspace = self.house.workspace
        await workspace.click(reader.user, message["ts"], CHANNEL, action)
        view = await self.house.until(lambda: next((v for v in workspace.modals(reader.user) if _is_filled(v)), None))
        await self.page.wait_for(MODAL_FILLED)
        await self.shoot(path, "dialog[open]")
        await workspace.close_view(reader.user, view["id"])
        await self.page.wait_for("!document.querySelector('dialog[open]')")

    async def _place(self, selector: str) -> dict[str, float]:
        return await self.page.evaluate(
            f"(r => ({{x: r.x, y: r.y, width: r.width, height: r.height}}))"
            f"([...document.querySelectorAll({json.dumps(selector)})].at(-1).getBoundingClientRect())"
        )


def _is_filled(view: dict[str, Any]) -> bool:
    return len(view["blocks"]) > 1


def _write(path: Path, png: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
