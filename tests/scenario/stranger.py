"""The stranger test: a fresh clone in a private folder, an empty home, README's commands only.

    python tests/scenario/stranger.py [--as root,user]

For root and for an ordinary account (when run by root; else for the account that runs it): clone, set up,
start, ask one question through the WebSocket with the scripted model, get the right answer, stop, start
again, and have the same thread remembered. Not a pytest test: it installs packages, so it needs the index.
"""

import argparse
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
QUESTION = "How many orders were placed in 2025?"
AGAIN = "Run that again."
GOLD = [[2442]]
FIRST_START_SECONDS = 180
LATER_START_SECONDS = 10
STEP_SECONDS = 600
KEPT = (
    "PIP_",
    "UV_",
    "SSL_",
    "REQUESTS_",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
"""How this machine reaches the package index; nothing else of the environment is handed on."""


@dataclass(frozen=True)
class Stranger:
    """An account with an empty home and a fresh clone that nobody else may enter."""

    account: pwd.struct_passwd
    folder: Path

    @property
    def clone(self) -> Path:
        return self.folder / "data-bolt"

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}
        path = os.environ["PATH"] if self.is_self else "/usr/local/bin:/usr/bin:/bin"
        home = str(self.folder / "home")
        # root's state would go to /var/lib, where an earlier visit's may lie: this visit starts from nothing
        state = {"STATE_DIR": f"{home}/state"} if self.account.pw_uid == 0 else {}
        return {**kept, **state, "HOME": home, "PATH": path, "LANG": "C.UTF-8"}

    @property
    def is_self(self) -> bool:
        return self.account.pw_uid == os.geteuid()

    def start(self, *command: str, log: Path, out: Path | None = None) -> subprocess.Popen[bytes]:
        """Both streams go to *log*; standard output to *out* where it is named."""
        identity = (
            {} if self.is_self else {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        )
        with log.open("ab") as errors, (out or log).open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=self.clone,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
                **identity,
            )

    def run(self, *command: str) -> str:
        """Run to the end; what it printed. Fails with its output when it fails."""
        log, out = self.folder / "command.log", self.folder / "command.out"
        log.unlink(missing_ok=True)
        out.unlink(missing_ok=True)
        process = self.start(*command, log=log, out=out)
        try:
            code = process.wait(STEP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = -1
        if code != 0:
            fail(f"{' '.join(command)} exited with {code}:\n{(out.read_text() + log.read_text())[-4000:]}")
        return out.read_text()


def fail(why: str) -> None:
    sys.exit(f"stranger test FAILED: {why}")


def say(text: str) -> None:
    print(text, flush=True)


POSTGRES_FOLDER = Path("/var/lib/data-bolt")
"""Where root's Postgres goes when its account could not pass through to STATE_DIR, as here."""


def postgres_folders() -> set[Path]:
    return set(POSTGRES_FOLDER.glob("postgres-data-*"))


@contextmanager
def arrive(account: pwd.struct_passwd) -> Generator[Stranger]:
    """A new folder (mode 0700, the account's own) with a fresh clone and an empty home; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="stranger-"))
    stranger = Stranger(account, folder)
    before = postgres_folders()
    try:
        (folder / "home").mkdir()
        subprocess.run(
            ["git", "clone", "--quiet", "--no-hardlinks", f"file://{REPOSITORY}", str(stranger.clone)], check=True
        )
        if not stranger.is_self:
            subprocess.run(["chown", "-R", f"{account.pw_uid}:{account.pw_gid}", str(folder)], check=True)
        yield stranger
    finally:
        for left in {folder} | (postgres_folders() - before):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def running(stranger: Stranger, within_seconds: float, what: str) -> Generator[None]:
    """`make run` with the scripted model, up to the printed address; stopped with Ctrl-C's signal."""
    log = stranger.folder / "run.log"
    log.unlink(missing_ok=True)
    started = time.monotonic()
    process = stranger.start("make", "run", "ARGS=--model scripted --port 0", log=log)
    try:
        while not re.search(r"http://127\.0\.0\.1:\d+/", log.read_text() if log.exists() else ""):
            if process.poll() is not None:
                fail(f"`make run` exited with {process.returncode}:\n{log.read_text()[-4000:]}")
            if time.monotonic() - started > within_seconds:
                fail(f"{what}: no address within {within_seconds} s:\n{log.read_text()[-4000:]}")
            time.sleep(0.05)
        say(f"  {what}: address after {time.monotonic() - started:.1f} s (at most {within_seconds:.0f} s)")
        yield
    except BaseException:
        sys.stderr.write(log.read_text()[-6000:])
        raise
    finally:
        stop(process)
    say("  stopped")


def stop(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        fail("`make run` did not stop within 60 s of Ctrl-C")


def ask(stranger: Stranger, text: str, *more: str) -> dict[str, object]:
    """One question through the workspace's WebSocket into the running bot."""
    return json.loads(stranger.run(".venv/bin/botctl", "simulate", "--via-socket", "--json", "--text", text, *more))


def visit(account: pwd.struct_passwd) -> None:
    say(f"as {account.pw_name} (uid {account.pw_uid}):")
    with arrive(account) as stranger:
        started = time.monotonic()
        stranger.run("make", "setup")
        say(f"  make setup: {time.monotonic() - started:.0f} s")
        with running(stranger, FIRST_START_SECONDS, "first start"):
            first = ask(stranger, QUESTION)
            if first["rows"] != GOLD:
                fail(f"the answer is {first['rows']}, not {GOLD}: {json.dumps(first)[:2000]}")
            messages = first["messages"]
            if not isinstance(messages, list) or len(messages) != 1:
                fail(f"one question, {messages} in the thread")
            say(f"  asked and answered: {first['answer']} ({first['seconds']} s)")
        with running(stranger, LATER_START_SECONDS, "later start"):
            again = ask(stranger, AGAIN, "--thread-ts", str(first["thread_ts"]), "--channel", str(first["channel"]))
            if again["sql"] != first["sql"] or again["rows"] != GOLD:
                fail(f"the thread was forgotten: {json.dumps(again)[:2000]}")
            say(f"  the thread was remembered: {again['answer']}")
            found = json.loads(stranger.run(".venv/bin/botctl", "doctor", "--json"))
            say(f"  the doctor finds it well: {sum(one['state'] == 'ok' for one in found['checks'])} checks")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as", dest="who", default="root,user", help="root, user or both")
    who = parser.parse_args().who.split(",")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where it is ignored (`make check &`), children ignore it
    if os.geteuid() != 0:
        return visit(pwd.getpwuid(os.geteuid()))
    if "root" in who:
        visit(pwd.getpwuid(0))
    if "user" in who:
        visit(pwd.getpwnam("nobody"))
    return say("stranger test passed")


if __name__ == "__main__":
    main()
