"""What an operator does with a fresh machine, from the first try to the way back."""

import asyncio
import shutil
import time
from pathlib import Path
from typing import Final

from tests.install.load import Load, under_load
from tests.install.ready import watched_readiness
from tests.install.services import Services
from tests.install.vm import SHARED, Vm, hold, say, sentence

UNITS: Final = "/etc/systemd/system"
QUESTION: Final = "How many orders were placed in 2025?"
FIGURE: Final = "2,442"
ENV: Final = ("--env", f"{SHARED}/env")
SECRETS: Final = ("xoxb-local", "xapp-local", "sk-planted-in-the-env-file", "PRIVATE KEY")
BREAK: Final = (
    'cp -r "$1" "$2" && sed -i \'s/"commit": "/&dead/\' "$2/VERSION" '
    '&& printf "raise SystemExit(3)\\n" > "$2/bot/__main__.py"'
)
CANNOT_MIGRATE: Final = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "{after}", None, None
def upgrade():
    op.execute("CREATE TABLE half_made (number integer)")
    op.execute("ALTER TABLE inbox ADD COLUMN status text")  # there is one
"""
IS_HALF_MADE: Final = (
    "import pathlib, psycopg; url = pathlib.Path('/etc/slack-bot/secrets/database_url').read_text().strip(); "
    "print(*psycopg.connect(url).execute('SELECT to_regclass($$half_made$$)').fetchone())"
)
PLACES: Final = (
    "/opt/slack-bot",
    "/etc/slack-bot*",
    "/etc/s*/slack-bot*",
    "/etc/systemd/system/slack-bot*",
    "/var/*/slack-bot*",
    "/var/*/private/slack-bot*",
    "/run/slack-bot-[sp]*",
    "/usr/local/bin/botctl",
    "/usr/local/share/bash-completion/completions/botctl",
)
"""Where something of ours may lie."""


class Story:
    def __init__(self, vm: Vm, services: Services, folder: Path) -> None:
        self._vm = vm
        self._services = services
        self._folder = folder

    def _write_env(self, **other: str) -> None:
        (self._folder / "env").write_text(self._services.env_file(**other))

    async def first_tries(self, release: Path) -> None:
        say("▶ What is wrong is said in a sentence")
        self._write_env()
        await self._vm.run("mount", "-t", "tmpfs", "-o", "size=500m", "small", "/opt")
        told = await self._vm.script(release, "install.sh", *ENV, fails=True)
        await self._vm.run("umount", "/opt")
        hold(f"no room: {sentence(told)}", "MB free" in sentence(told))
        self._write_env(SLACK_BOT_TOKEN="xoxb-of-nobody")
        started = time.monotonic()
        told = await self._vm.script(release, "install.sh", *ENV, fails=True)
        say(f"  (install up to the start: {time.monotonic() - started:.0f} s)")
        reason = next(
            (line.strip(" |") for line in told.splitlines() if line.startswith("  |") and "SLACK_BOT_TOKEN" in line), ""
        )
        hold(f"a wrong token: {reason}", reason, told)
        hold("and the daemon stays down", await self._vm.state("slack-bot.service") == "failed", told)
        hold("no secret was printed", not [secret for secret in (*SECRETS, "xoxb-of") if secret in told], told)

    async def install(self, release: Path) -> None:
        say(f"▶ Install {release.name}: gone on with, once the token is mended")
        self._write_env()
        started = time.monotonic()
        told = await self._vm.script(release, "install.sh", *ENV)
        say(f"  install: {time.monotonic() - started:.0f} s")
        hold("slack-bot is active", await self._vm.state("slack-bot.service") == "active", told)
        hold("no secret was printed", not [secret for secret in SECRETS if secret in told], told)
        say("\n".join(f"  | {line}" for line in told.splitlines()))
        await self.is_answered()

    async def install_again(self, release: Path) -> None:
        say("▶ Install once more")
        before = await self._vm.show("slack-bot.service", "MainPID")
        started = time.monotonic()
        told = await self._vm.script(release, "install.sh", *ENV)
        after = await self._vm.show("slack-bot.service", "MainPID")
        hold(f"the daemon was left alone ({time.monotonic() - started:.0f} s)", before == after, told)

    async def prepare(self, release: Path) -> None:
        """What takes long, before the load: it would only make a longer line at Slack's fifty answers a minute."""
        say(f"▶ upgrade.sh --prepare of {release.name}")
        started = time.monotonic()
        told = await self._vm.script(release, "upgrade.sh", "--prepare")
        hold(f"it lies ready after {time.monotonic() - started:.0f} s", "lies ready" in told, told)

    async def walk(self, name: str, release: Path, per_second: float) -> None:
        """Run a script of *release* under load."""
        say(f"▶ {name} under {per_second:g} questions a second")
        workspace = self._services.workspace
        async with under_load(workspace, per_second) as load, watched_readiness() as readiness:
            await asyncio.sleep(3)
            started = time.monotonic()
            told = await self._vm.script(release, name)
            say(f"  {name}: {time.monotonic() - started:.0f} s")
            await asyncio.sleep(3)
        _tell(load)
        answers = load.answers()
        others = [one.ts for one in load.asked if len(answers[one.channel, one.ts]) != 1]
        hold(f"{len(load.asked)} questions, each answered once", not others and not load.waiting, f"{others}\n{told}")
        hold(f"Slack had a connection at each of {load.looks} looks", load.least_sockets > 0, told)
        bad = readiness.not_ready
        hold(f"an instance was ready at each of {readiness.looks} looks", not bad, "\n".join(bad) + told)

    async def upgrade_to_a_broken_one(self, running: Path, release: Path) -> None:
        say("▶ Upgrade to a release that does not start")
        await self._vm.run("sh", "-c", BREAK, "-", f"{SHARED}/{release.name}", f"{SHARED}/broken")
        told = await self._vm.script(Path("broken"), "upgrade.sh", fails=True)
        hold(sentence(told), "nothing was changed" in told, told)
        await self._vm.runs(running)
        await self.is_answered()

    async def upgrade_to_one_that_cannot_migrate(self, running: Path) -> None:
        say("▶ Upgrade to a release whose migration fails half-way")
        await asyncio.to_thread(self._break_migration, running)
        told = await self._vm.script(Path("unmigrated"), "upgrade.sh", fails=True)
        hold(sentence(told), "could not be brought up to date" in told and "Nothing else was changed" in told, told)
        hold("the database said why", 'column "status" of relation "inbox" already exists' in told, told)
        half_made = await self._vm.run("/opt/slack-bot/current/venv/bin/python", "-c", IS_HALF_MADE)
        hold("nothing of the migration is left", half_made == "None", half_made)
        await self._vm.run("cmp", f"{SHARED}/{running.name}/systemd/slack-bot.service", f"{UNITS}/slack-bot.service")
        await self._vm.runs(running)
        await self.is_answered()

    def _break_migration(self, running: Path) -> None:
        broken = self._folder / "unmigrated"
        shutil.copytree(self._folder / running.name, broken, symlinks=True)
        version = broken / "VERSION"
        version.write_text(version.read_text().replace('"commit": "', '"commit": "beef'))
        versions = broken / "bot/storage/migrations/versions"
        newest = max(path.name for path in versions.glob("[0-9]*.py"))
        (versions / "9999_fails.py").write_text(CANNOT_MIGRATE.format(after=newest.partition("_")[0]))
        with (broken / "systemd/slack-bot.service").open("a") as unit:
            unit.write("# of the release that cannot migrate\n")

    async def gone_on_with(self, running: Path) -> None:
        say("▶ An upgrade that was cut off between stopping the old and starting the new")
        await self._vm.run("systemctl", "start", "slack-bot@green.service")
        await self._vm.run("systemctl", "stop", "slack-bot.service")
        told = await self._vm.script(running, "upgrade.sh")
        hold("run again, it ends the walk", "starting slack-bot on" in told, told)
        await self._vm.runs(running)
        await self.is_answered()

    async def upgrade_away_from_a_broken_one(self, release: Path) -> None:
        say("▶ Upgrade from a release that keeps failing")
        await self._vm.run("sh", "-c", 'echo "raise SystemExit(3)" > /opt/slack-bot/current/bot/__main__.py')
        await self._vm.run("systemctl", "restart", "slack-bot.service", check=False)
        told = await self._vm.script(release, "upgrade.sh")
        hold("it is left without ado", "slack-bot is not ready on" in told, told)
        await self._vm.runs(release)
        await self.is_answered()

    async def uninstall(self, release: Path) -> None:
        say("▶ Uninstall, for good")
        await self._vm.script(release, "uninstall.sh", "--purge")
        left = await self._vm.run("sh", "-c", f"ls -d {' '.join(PLACES)} 2>/dev/null || true")
        hold("nothing is left", not left, left)

    async def is_answered(self) -> None:
        workspace = self._services.workspace
        asked = time.monotonic()
        ts = await workspace.post("U0ANA", "C0GENERAL", f"<@U0BOLT> {QUESTION}")

        def answer() -> str | None:
            texts = [str(message["text"]) for message in workspace.answers("C0GENERAL", ts)]
            return next((text for text in texts if FIGURE in text), None)

        text = await workspace.wait_for(answer, 120)
        hold(f"a question is answered in {time.monotonic() - asked:.1f} s: {text.splitlines()[0]}", text)


def _tell(load: Load) -> None:
    waits = load.waits
    say(f"  asked {len(load.asked)}, answered {len(waits)}; waits: median {waits[len(waits) // 2]:.1f} s, "
        f"95 % {waits[int(len(waits) * 0.95)]:.1f} s, longest {waits[-1]:.1f} s")  # fmt: skip
