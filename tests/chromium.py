"""Drives a headless Chromium through its DevTools protocol, over aiohttp: nothing to install but the browser."""

import asyncio
import base64
import itertools
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-port=0",
)
START_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.05


def find_chromium() -> str | None:
    """The browser's path, or None where there is none: skip the test then, and say so."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class PageError(Exception):
    """The page threw, or what was waited for did not come."""


class Page:
    """One tab. *Expressions* are JavaScript; selectors are CSS."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.errors: list[str] = []
        """Exceptions nobody caught and errors on the console, such as a broken content security policy."""
        self._reader = asyncio.create_task(self._read(), name="chromium-page")

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """One DevTools command; gives its result. Raises PageError."""
        number = next(self._ids)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        await self._socket.send_json({"id": number, "method": method, "params": params})
        message = await asyncio.wait_for(answer, START_SECONDS)
        if "error" in message:
            raise PageError(f"{method}: {message['error']['message']}")
        return message["result"]

    async def open(self, url: str) -> None:
        await self.command("Page.navigate", url=url)
        await self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def evaluate(self, expression: str) -> Any:
        """The expression's value as JSON; a promise is awaited."""
        result = await self.command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    async def wait_for(self, expression: str, timeout: float = 10.0) -> Any:  # noqa: ASYNC109
        """The first truthy value of the expression; an element counts as True. Raises PageError with what is shown."""
        look = f"(found => found instanceof Node ? true : found)({expression})"
        try:
            async with asyncio.timeout(timeout):
                while not (value := await self._try(look)):  # noqa: ASYNC110 - the change is in another process
                    await asyncio.sleep(POLL_SECONDS)
                return value
        except TimeoutError:
            shown = await self._try("document.body.innerText")
            raise PageError(f"waited for {expression!r}; errors: {self.errors}; the page shows:\n{shown}") from None

    async def wait_for_text(self, text: str, within: str = "body", timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait until *text* can be read in an element of the selector *within*."""
        look = (
            f"[...document.querySelectorAll({json.dumps(within)})].some(e => e.innerText.includes({json.dumps(text)}))"
        )
        await self.wait_for(look, timeout)

    async def text(self, selector: str) -> str:
        """What can be read in the first element of *selector*."""
        return await self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")

    async def click(self, selector: str, *, text: str | None = None) -> None:
        """Press the first element of *selector* (that says *text*) with the mouse, where a person would.

        Whoever presses just as the page moves misses, sees it, and presses again: so does this.
        """
        said = json.dumps(text) if text is not None else "null"
        find = (
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".find(e => {said} === null || e.innerText.trim() === {said})"
        )
        async with asyncio.timeout(30):
            while not await self._press(find):
                pass

    async def _press(self, find: str) -> bool:
        """Whether the element was hit: looked at as the click arrives, for the page may draw it anew in between."""
        await self.wait_for(f"Boolean({find})")
        place = await self._try(
            f"(() => {{ const e = {find}; e.scrollIntoView({{block: 'nearest'}}); const r = e.getBoundingClientRect();"
            " window.hit = false;"
            f" addEventListener('click', c => {{ window.hit = Boolean({find}?.contains(c.target)) }},"
            " {once: true, capture: true}); return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })()"
        )
        if place is None:
            return False
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self.command("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)
        return bool(await self.evaluate("window.hit"))

    async def type(self, selector: str, text: str, *, enter: bool = False) -> None:
        """Type into the first element of *selector*; *enter* sends it."""
        await self.wait_for(f"Boolean(document.querySelector({json.dumps(selector)}))")
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        await self.command("Input.insertText", text=text)
        if enter:
            await self.press("Enter")

    async def press(self, key: str) -> None:
        code = {"Enter": 13, "Escape": 27, "Tab": 9}[key]
        common: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        if key == "Enter":
            common["text"] = "\r"
        await self.command("Input.dispatchKeyEvent", type="keyDown", **common)
        await self.command("Input.dispatchKeyEvent", type="keyUp", **common)

    async def resize(self, width: int, height: int, scale: float = 1.0) -> None:
        """The window's size in CSS pixels; *scale* 2 makes a sharp picture."""
        size: dict[str, Any] = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        await self.command("Emulation.setDeviceMetricsOverride", **size)

    async def capture(self, **params: Any) -> bytes:
        """The window as a PNG, or what *params* of Page.captureScreenshot say."""
        picture = await self.command("Page.captureScreenshot", format="png", **params)
        return base64.b64decode(picture["data"])

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _try(self, expression: str) -> Any:
        try:
            return await self.evaluate(expression)
        except PageError:
            return None  # the page is between two documents

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" in data:
                waiting = self._waiting.pop(data["id"], None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(data)
            elif data["method"] == "Runtime.exceptionThrown":
                details = data["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description") or details["text"])
            elif data["method"] == "Log.entryAdded" and data["params"]["entry"]["level"] == "error":
                self.errors.append(data["params"]["entry"]["text"])


@asynccontextmanager
async def open_page(url: str, *, width: int = 1280, height: int = 800, scale: float = 1.0) -> AsyncGenerator[Page]:
    """A fresh browser with one tab at *url*. Needs find_chromium() to find one."""
    browser = await asyncio.to_thread(find_chromium)
    assert browser is not None, "no Chromium here: ask find_chromium() first"
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="chromium-")
    process = await asyncio.create_subprocess_exec(
        browser,
        *FLAGS,
        f"--user-data-dir={folder}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _debugging_port(Path(folder), process)
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/json") as listing:
            tab = next(tab for tab in await listing.json() if tab["type"] == "page")
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                try:
                    for domain in ("Page", "Runtime", "Log"):
                        await page.command(f"{domain}.enable")
                    await page.resize(width, height, scale)
                    await page.open(url)
                    yield page
                finally:
                    await page.close()
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _debugging_port(folder: Path, process: asyncio.subprocess.Process) -> int:
    """Chromium chooses a free port and writes it down."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            assert process.returncode is None, f"Chromium ended with {process.returncode}"
            try:
                text = await asyncio.to_thread((folder / "DevToolsActivePort").read_text)
                return int(text.splitlines()[0])
            except (FileNotFoundError, IndexError):
                await asyncio.sleep(POLL_SECONDS)
