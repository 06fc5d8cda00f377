"""`make screenshots`: the pictures of the READMEs, from the running product and its page in Chromium.

The model is scripted, so that they come out alike wherever they are made. `python -m tests.screenshots answer card`
makes those that are named.
"""

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from bot.cli.engine import prepare_engine
from bot.local.model.scripted import DEMO_SCRIPT
from bot.logging import configure_logging
from bot.settings import load_settings
from bot.storage.embedded import EmbeddedPostgres
from tests.chromium import find_chromium, open_page
from tests.postgres import NO_FSYNC
from tests.scenario.house import House, open_house
from tests.screenshots.readers import Reader, rules
from tests.screenshots.stories import DEAR, KEPT, USUAL, Story, picture_of
from tests.screenshots.studio import Studio

console = Console(highlight=False)

DEAR_SETTINGS = {"BIGQUERY_USD_PER_TIB": "400000", "BIGQUERY_AUTO_EXECUTE_MAX_COST_USD": "0.1"}
"""A list price that makes the demo shop's few megabytes cost what a real table costs."""
KEEPING = {"RESULT_CACHE_MAX_AGE_SECONDS": "86400"}
NEVER_STALE = {"BIGQUERY_STALE_AFTER_HOURS": "0"}
"""As `botctl run` has it: the demo shop closed with the year 2025."""


async def main(names: list[str]) -> None:
    if await asyncio.to_thread(find_chromium) is None:
        sys.exit("The pictures need Chromium, which is not installed here: deploy/install-test-tools.sh")
    configure_logging("error")
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # one of the stories cuts connections
    async with _open_product() as house, open_page(house.workspace.page_url) as page:
        studio = Studio(house, page)
        await _set_budget(house)
        await _tell(studio, USUAL, names)
        await _start_again(house, KEEPING)
        await _tell(studio, KEPT, names)
        await _start_again(house, DEAR_SETTINGS)
        await _tell(studio, DEAR, names)
        if page.errors:
            sys.exit(f"The page had errors: {page.errors}")


async def _tell(studio: Studio, stories: Mapping[Story, tuple[Reader, ...]], names: list[str]) -> None:
    for story, readers in stories.items():
        for reader in readers:
            if not names or story.__name__ in names:
                path = picture_of(story, reader)
                await story(studio, reader, path)
                console.print(f"{path.stat().st_size / 1000:6.0f} kB  {path.name}")


@asynccontextmanager
async def _open_product() -> AsyncGenerator[House]:
    engine = load_settings().cache_dir / "googlesql"
    await prepare_engine(engine, console)
    with tempfile.TemporaryDirectory(prefix="dbt-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Postgres has an account of its own when this runs as root
        postgres = EmbeddedPostgres(folder / "pg", settings=NO_FSYNC, shared=folder / "shared")
        await asyncio.to_thread(postgres.start)
        try:
            async with open_house(folder, postgres.uri, engine, **NEVER_STALE) as house:
                house.model.play([*rules(), *json.loads(DEMO_SCRIPT.read_bytes())])
                await house.start_daemon()
                yield house
        finally:
            await asyncio.to_thread(postgres.stop)


async def _start_again(house: House, settings: Mapping[str, str]) -> None:
    await house.daemon.stop()
    house.environ |= settings
    await house.start_daemon()


async def _set_budget(house: House) -> None:
    """A hundred dollars a day for each: what the Home tab shows."""
    command = ("-m", "bot.cli.main", "budget", "set", "--user", "each", "--per", "day", "--usd", "100")
    process = await asyncio.create_subprocess_exec(sys.executable, *command, env=house.environ)
    if await process.wait():
        sys.exit("The budget could not be set.")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
