"""The beginnings of prompts outlive the server that computed them, and nothing that people said does."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.local.model.loopback import on_loopback
from bot.local.model.prefixes import PrefixCache

SYSTEM = "You write SQL over these tables. " * 40


class SlotServer:
    """llama.cpp's slots as far as they matter: what each holds, saved to and restored from files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.holds: list[str] = ["", ""]
        self.is_busy = [False, False]
        self.asked: list[tuple[int | None, str]] = []
        """(slot, user message) of every chat request."""
        self.url = ""

    async def slots(self, _: web.Request) -> web.Response:
        return web.json_response(
            [
                {"id": number, "is_processing": self.is_busy[number], "n_prompt_tokens": len(text)}
                for number, text in enumerate(self.holds)
            ]
        )

    async def act(self, request: web.Request) -> web.Response:
        slot, path = int(request.match_info["slot"]), self.folder / (await request.json())["filename"]
        if request.query["action"] == "save":
            await asyncio.to_thread(path.write_text, self.holds[slot])
            return web.json_response({"n_saved": len(self.holds[slot])})
        text = await asyncio.to_thread(path.read_text)
        if text.startswith("spoilt"):
            return web.json_response({"error": {"message": "Unable to restore slot"}}, status=400)
        self.holds[slot] = text
        return web.json_response({"n_restored": len(text)})

    async def chat(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        slot, said = body.get("id_slot"), [message["content"] for message in body["messages"]]
        self.asked.append((slot, said[-1]))
        self.holds[slot or 0] = "|".join(said)
        return web.json_response({"choices": []})


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SlotServer]:
    server = SlotServer(tmp_path)
    app = web.Application()
    app.router.add_get("/slots", server.slots)
    app.router.add_post("/slots/{slot}", server.act)
    app.router.add_post("/v1/chat/completions", server.chat)
    async with on_loopback(app) as server.url:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def a_request(question: str, system: str = SYSTEM) -> bytes:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    return json.dumps({"model": "m", "messages": messages}).encode()


async def ask(cache: PrefixCache, http: aiohttp.ClientSession, server: SlotServer, body: bytes) -> None:
    """One request as the front passes it on, and what it leaves behind."""
    sent, prefix = await cache.prepare(http, server.url, body)
    async with http.post(f"{server.url}/v1/chat/completions", data=sent) as response:
        assert response.status == 200
    if prefix is not None:
        cache.keep_later(http, server.url, prefix)
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "prefix-keep"))


async def files(folder: Path) -> dict[str, str]:
    return {
        name: await asyncio.to_thread((folder / name).read_text) for name in await asyncio.to_thread(os.listdir, folder)
    }


async def test_a_beginning_is_computed_once_and_restored_by_the_next_process(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    await ask(PrefixCache(tmp_path, "v1"), http, server, a_request("How many orders?"))
    server.holds = ["", ""]  # it was stopped, and another is started
    server.asked.clear()
    body, _ = await PrefixCache(tmp_path, "v1").prepare(http, server.url, a_request("How many users?"))
    assert server.holds[json.loads(body)["id_slot"]].startswith(SYSTEM)
    assert not server.asked  # restoring asked the model nothing


async def test_no_question_reaches_the_disk(server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path):
    await ask(PrefixCache(tmp_path, "v1"), http, server, a_request("What does Kim earn?"))
    assert list((await files(tmp_path)).values()) == [f"{SYSTEM}|"]


async def test_a_beginning_that_the_server_knows_is_left_to_it(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    cache = PrefixCache(tmp_path, "v1")
    await ask(cache, http, server, a_request("one"))
    await ask(cache, http, server, a_request("two"))
    assert server.asked == [(0, "one"), (0, ""), (None, "two")]


async def test_a_server_that_was_started_again_gets_its_beginnings_back(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    cache = PrefixCache(tmp_path, "v1")
    await ask(cache, http, server, a_request("one"))
    cache.forget()
    server.holds = ["", ""]
    body, prefix = await cache.prepare(http, server.url, a_request("two"))
    assert json.loads(body)["id_slot"] == 0
    assert prefix is not None
    assert prefix.is_kept


async def test_files_of_another_model_or_version_are_not_used(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    await ask(PrefixCache(tmp_path, "v1"), http, server, a_request("one"))
    _, prefix = await PrefixCache(tmp_path, "v2").prepare(http, server.url, a_request("two"))
    assert prefix is not None
    assert not prefix.is_kept


async def test_a_spoilt_file_is_dropped_and_written_anew(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    await ask(PrefixCache(tmp_path, "v1"), http, server, a_request("one"))
    (name,) = await files(tmp_path)
    await asyncio.to_thread((tmp_path / name).write_text, "spoilt")
    await ask(PrefixCache(tmp_path, "v1"), http, server, a_request("two"))
    assert await files(tmp_path) == {name: f"{SYSTEM}|"}


@pytest.mark.parametrize(
    "body",
    [
        a_request("short system prompt", system="Be brief."),
        b'{"messages": [{"role": "user", "content": "no system prompt"}]}',
        b'{"messages": "not a list"}',
        b"[]",
        b"not JSON",
    ],
)
async def test_other_requests_are_passed_on_as_they_came(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path, body: bytes
):
    assert await PrefixCache(tmp_path, "v1").prepare(http, server.url, body) == (body, None)


async def test_with_every_slot_busy_the_request_goes_its_ordinary_way(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    server.is_busy = [True, True]
    body = a_request("one")
    assert await PrefixCache(tmp_path, "v1").prepare(http, server.url, body) == (body, None)


async def test_the_emptiest_idle_slot_is_taken(server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path):
    server.holds[0] = "another conversation"
    body, _ = await PrefixCache(tmp_path, "v1").prepare(http, server.url, a_request("one"))
    assert json.loads(body)["id_slot"] == 1


async def test_a_server_without_slots_costs_nothing_but_time(http: aiohttp.ClientSession, tmp_path: Path):
    body = a_request("one")
    async with on_loopback(web.Application()) as url:
        assert await PrefixCache(tmp_path, "v1").prepare(http, url, body) == (body, None)


async def test_schemas_that_differ_with_every_question_do_not_fill_the_disk(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    cache = PrefixCache(tmp_path, "v1")
    for number in range(20):
        await ask(cache, http, server, a_request("one", system=f"{SYSTEM} {number}"))
    assert len(await files(tmp_path)) == 8


async def test_what_is_being_written_at_the_end_is_written(
    server: SlotServer, http: aiohttp.ClientSession, tmp_path: Path
):
    cache = PrefixCache(tmp_path, "v1")
    _, prefix = await cache.prepare(http, server.url, a_request("one"))
    assert prefix is not None
    cache.keep_later(http, server.url, prefix)
    await cache.close()
    assert list((await files(tmp_path)).values()) == [f"{SYSTEM}|"]
