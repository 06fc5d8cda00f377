"""A fresh machine: install, upgrade and roll back under load, and what goes wrong. `make test-install` runs it.

    python -m tests.install [--suite bookworm|noble] [--per-second 5] [--only-install]

Needs root, debootstrap, systemd-nspawn and a way to packages.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from tests.install.fresh_root import SCRIPTS, connect, fresh_root
from tests.install.services import open_services
from tests.install.story import Story
from tests.install.two_releases import make_releases
from tests.install.vm import SHARED, Failed, Vm, say
from tests.systemd.machine import boot


async def tell(suite: str, per_second: float, *, only_install: bool) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="data-bolt-install-")))
        say("▶ Two releases and a fresh root")
        first, second = await asyncio.to_thread(make_releases, folder)
        root = await asyncio.to_thread(fresh_root, suite)
        services = await stack.enter_async_context(open_services(folder, f"{SHARED}/key.json"))
        context = boot(root, network="host", binds={folder: SHARED}, target="multi-user.target", size="6g")
        machine = await asyncio.to_thread(context.__enter__)
        stack.push(context)
        await asyncio.to_thread(connect, machine)
        vm = Vm(machine)
        await vm.use_other_ports()
        story = Story(vm, services, folder)
        try:
            await story.first_tries(first)
            await story.install(first)
            await story.install_again(first)
            if not only_install:
                await upgrade_and_back(story, vm, first, second, per_second)
            await story.uninstall(first)
        except BaseException:
            say(await vm.run("journalctl", "--no-pager", "-n", "60", "-o", "cat", check=False))
            raise


async def upgrade_and_back(story: Story, vm: Vm, first: Path, second: Path, per_second: float) -> None:
    await story.prepare(second)
    await story.walk("upgrade.sh", second, per_second)
    await vm.runs(second)
    await story.upgrade_to_a_broken_one(second, first)
    await story.upgrade_to_one_that_cannot_migrate(second)
    await story.walk("rollback.sh", second, per_second)
    await vm.runs(first)
    await story.gone_on_with(first)
    await story.upgrade_away_from_a_broken_one(second)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=sorted(SCRIPTS), default="bookworm", help="whose fresh root")
    parser.add_argument("--per-second", type=float, default=5.0, help="questions")
    parser.add_argument("--only-install", action="store_true", help="no upgrade and no load: five minutes")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        asyncio.run(tell(options.suite, options.per_second, only_install=options.only_install))
    except Failed as error:
        sys.exit(f"✗ {error}")
    say(f"install test passed in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
