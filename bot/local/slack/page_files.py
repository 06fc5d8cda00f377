"""Serves the page: a handful of static files, no build step."""

import asyncio
import re
from pathlib import Path
from typing import Final

from aiohttp import web

_FOLDER: Final = Path(__file__).parent / "page"
_NAME: Final = re.compile(r"[a-z_]+\.(html|css|js|svg)")
_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def page_routes() -> list[web.RouteDef]:
    return [web.get("/", _serve_index), web.get("/page/{name}", _serve_file)]


async def _serve_index(request: web.Request) -> web.Response:
    return await _respond_with("index.html")


async def _serve_file(request: web.Request) -> web.Response:
    return await _respond_with(request.match_info["name"])


async def _respond_with(name: str) -> web.Response:
    if not _NAME.fullmatch(name):  # names only: nothing can climb out of the folder
        raise web.HTTPNotFound
    path = _FOLDER / name
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        raise web.HTTPNotFound from None
    return web.Response(body=body, content_type=_TYPES[path.suffix], charset="utf-8")
