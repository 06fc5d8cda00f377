"""Files of the workspace: announced, uploaded to an address of their own, shared, downloaded from the page."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from bot.local.slack.shapes import Json, SlackError

LARGEST: Final = 1 << 30
"""Slack's own limit of one file."""
MOST_KEPT: Final = 64 << 20
"""Bytes of content in memory; beyond it the oldest files keep their place and lose their content."""
_CHUNK: Final = 1 << 16
_TYPES: Final = {".csv": "text/csv", ".png": "image/png", ".txt": "text/plain"}


@dataclass(slots=True)
class File:
    id: str
    ticket: str
    name: str
    length: int
    title: str = ""
    content: bytes | None = None
    received: int = 0
    is_shared: bool = False
    is_deleted: bool = False

    def shown(self, base_url: str) -> Json:
        """As it stands in a message."""
        address = f"{base_url}/files/{self.id}/{quote(self.name, safe='')}"
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "filetype": PurePosixPath(self.name).suffix.lstrip("."),
            "size": self.length,
            "url_private": address,
            "url_private_download": address,
        }


class Files:
    def __init__(self) -> None:
        self.by_id: dict[str, File] = {}

    def expect(self, name: str, length: int) -> File:
        """Room for a file. Raises file_upload_size_restricted."""
        if length > LARGEST:
            raise SlackError("file_upload_size_restricted")
        file = File(f"F{len(self.by_id) + 1:09d}", secrets.token_urlsafe(16), name, length)
        self.by_id[file.id] = file
        return file

    def complete(self, file_id: str, title: str) -> File:
        file = self.by_id.get(file_id)
        if file is None or file.received != file.length or file.is_shared:
            raise SlackError("file_not_found")
        file.is_shared, file.title = True, title
        return file

    def delete(self, file_id: str) -> None:
        """Its address leads nowhere any more. Raises file_not_found."""
        file = self.by_id.get(file_id)
        if file is None or file.is_deleted:
            raise SlackError("file_not_found")
        file.is_deleted, file.content = True, None

    def keep(self, file: File, content: bytes) -> None:
        file.content, file.received = content, len(content)
        kept = sum(len(one.content) for one in self.by_id.values() if one.content is not None)
        for old in self.by_id.values():
            if kept <= MOST_KEPT or old is file:
                return
            kept -= len(old.content or b"")
            old.content = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/upload/v1/{ticket}", self._upload),
            web.get("/files/{id}/{name}", self._download),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        """The raw bytes, or a form that holds them."""
        file = next((one for one in self.by_id.values() if one.ticket == request.match_info["ticket"]), None)
        if file is None or file.is_shared:
            raise web.HTTPNotFound
        content = bytearray()
        async for chunk in _sent(request):
            content += chunk
            if len(content) > file.length:
                raise web.HTTPBadRequest(text="more bytes than announced")
        if len(content) != file.length:
            raise web.HTTPBadRequest(text="fewer bytes than announced")
        self.keep(file, bytes(content))
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        file = self.by_id.get(request.match_info["id"])
        if file is None or not file.is_shared or file.content is None:
            raise web.HTTPNotFound
        # An attachment of a type that no browser runs: what is in it was written by others.
        kind = _TYPES.get(PurePosixPath(file.name).suffix.lower(), "application/octet-stream")
        name = quote(file.name, safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return web.Response(body=file.content, content_type=kind, headers=headers)


async def _sent(request: web.Request) -> AsyncIterator[bytes]:
    """The SDK for Python sends bytes, the one for Node a form of one field; Slack takes both."""
    if not request.content_type.startswith("multipart/"):
        async for chunk in request.content.iter_chunked(_CHUNK):
            yield chunk
        return
    part = await (await request.multipart()).next()
    if not isinstance(part, BodyPartReader):
        raise web.HTTPBadRequest(text="a form without a file")
    while chunk := await part.read_chunk(_CHUNK):
        yield chunk
