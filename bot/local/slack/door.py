"""Who may come in: this machine's own browser and programs, not a page from elsewhere that found the port."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What people and models write is on the page: even if escaping failed, nothing of it could run."""


@web.middleware
async def local_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A foreign name for 127.0.0.1 (DNS rebinding) and a foreign page (Origin) are turned away."""
    origin = request.headers.get("Origin")
    if _name(f"//{request.host}") not in _HOSTS or (origin is not None and _name(origin) not in _HOSTS):
        raise web.HTTPForbidden(text="local only")
    return await handler(request)


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
