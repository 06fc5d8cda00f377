"""Each picture of the READMEs: who does what, and what is then in the frame."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from tests.screenshots.readers import READERS, Reader
from tests.screenshots.studio import HEIGHT, Studio

FOLDER: Final = Path(__file__).parents[2] / "bot" / "pictures"
ANSWER: Final = "aside .message"
"""The newest message of the open thread."""

EVERYBODY: Final = READERS
ENGLISH: Final = READERS[:1]

Story: TypeAlias = Callable[[Studio, Reader, Path], Awaitable[None]]


async def workspace(studio: Studio, reader: Reader, path: Path) -> None:
    """The whole window: questions of three people in a channel, one of the answers in the thread."""
    for colleague in EVERYBODY[1:]:
        await studio.ask(colleague, colleague.orders, "C0GENERAL")
    thread, _ = await studio.ask(reader, reader.revenue, "C0GENERAL")
    await studio.go(reader, "C0GENERAL", thread, height=1310)
    await studio.page.wait_for_text("2025-12", "aside")
    await studio.shoot(path)


async def answer(studio: Studio, reader: Reader, path: Path) -> None:
    thread, _ = await studio.ask(reader, reader.revenue)
    await studio.go(reader, thread=thread)
    await studio.page.wait_for_text("2025-12", "aside")
    await studio.shoot(path, ANSWER)


async def refine(studio: Studio, reader: Reader, path: Path) -> None:
    """The modal in which an answer's question and SQL are edited."""
    thread, message = await studio.ask(reader, reader.revenue)
    await studio.go(reader, thread=thread)
    await studio.shoot_modal(path, reader, message, "refine")


async def receipt(studio: Studio, reader: Reader, path: Path) -> None:
    """Of an answer from the cache: what was asked has been asked before."""
    await studio.ask(reader, reader.orders)
    thread, message = await studio.ask(reader, reader.orders)
    await studio.go(reader, thread=thread)
    await studio.shoot_modal(path, reader, message, "receipt")


async def painted(studio: Studio, reader: Reader, path: Path) -> None:
    """A chart of more points than Slack draws."""
    thread, _ = await studio.ask(reader, reader.items_by_day)
    await studio.go(reader, thread=thread)
    await studio.page.wait_for(f"document.querySelector('{ANSWER} .picture')?.naturalWidth", 60)
    await studio.shoot(path, f"{ANSWER} .picture")


async def pane(studio: Studio, reader: Reader, path: Path) -> None:
    """The direct message with the bot: what it offers to ask, and an answer."""
    await studio.house.workspace.open_home(reader.user, "messages")
    await studio.house.until(lambda: studio.house.workspace.room.prompts.get(reader.direct))
    await studio.house.until(lambda: studio.house.workspace.messages(reader.direct))  # it greets whoever comes
    await studio.house.workspace.post(reader.user, reader.direct, reader.orders)
    await studio.go(reader, reader.direct, height=HEIGHT)
    await studio.page.wait_for_text("2,442", "main", 60)
    await studio.page.wait_for("!document.querySelector('main [data-action=stop]')")
    await studio.shoot(path)


async def trouble(studio: Studio, reader: Reader, path: Path) -> None:
    """The socket was cut, a refresh is under way, an answer of Slack's was lost: one reply."""
    await studio.go(reader, "C0GENERAL", width=1440, height=1100)
    await studio.page.click("#trouble-opener")
    for kind in ("cut", "drop", "refresh"):
        await studio.page.click(f"[data-trouble={kind}]")
    thread = await studio.house.ask(reader.orders, user=reader.user)
    await studio.house.answered(thread)
    await studio.go(reader, "C0GENERAL", thread, width=1440, height=1100)
    await studio.page.wait_for_text("2,442", "aside")
    await studio.shoot(path)
    await studio.page.click("#trouble-opener")


async def card(studio: Studio, reader: Reader, path: Path) -> None:
    """A query that is too dear to run unasked."""
    thread, _ = await studio.ask(reader, reader.every_order)
    await studio.go(reader, thread=thread)
    await studio.shoot(path, ANSWER)


async def home(studio: Studio, reader: Reader, path: Path) -> None:
    await studio.house.workspace.open_home(reader.user)
    await studio.house.until(lambda: reader.user in studio.house.workspace.room.views.homes)
    await studio.go(reader, reader.direct, height=HEIGHT)
    await studio.page.click("[data-tab=home]")
    await studio.page.wait_for_text("BigQuery", ".home")
    await studio.shoot(path)
    await studio.page.click("[data-tab=messages]")


USUAL: Final[Mapping[Story, tuple[Reader, ...]]] = MappingProxyType(
    {
        workspace: ENGLISH,
        answer: EVERYBODY,
        refine: EVERYBODY,
        painted: EVERYBODY,
        pane: EVERYBODY,
        trouble: ENGLISH,
    }
)
"""Told with the settings of `botctl run`, but that every question is a query."""
KEPT: Final[Mapping[Story, tuple[Reader, ...]]] = MappingProxyType({receipt: ENGLISH})
"""Told where results are kept."""
DEAR: Final[Mapping[Story, tuple[Reader, ...]]] = MappingProxyType({card: EVERYBODY, home: EVERYBODY})
"""Told where BigQuery is so dear that the demo shop's little tables need a word of somebody's."""


def picture_of(story: Story, reader: Reader) -> Path:
    return FOLDER / f"{story.__name__}.{reader.language}.png"


def pictures() -> set[Path]:
    """Every picture that the stories make."""
    return {
        picture_of(story, reader)
        for told in (USUAL, KEPT, DEAR)
        for story, readers in told.items()
        for reader in readers
    }
