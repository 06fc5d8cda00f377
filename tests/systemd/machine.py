"""A machine with a real systemd, for tests: systemd-nspawn over an overlay of a root folder, by default our own root.

Nothing is downloaded and nothing is left behind: every write goes to a tmpfs that lives in a mount namespace of the
machine's own, and a guard beside it ends what is left when the test process ends, however that ends.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Literal

BOOT_SECONDS = 60.0
COMMAND_SECONDS = 120.0
DOWN_SECONDS = 20.0
HALT = signal.SIGRTMIN + 3
"""What a systemd that is pid 1 understands as `halt`."""
_SERIAL = count(1)

_MASKED = (
    *(
        "systemd-sysctl.service",
        "systemd-modules-load.service",
        "systemd-update-utmp.service",
        "systemd-logind.service",
    ),
    *("systemd-timesyncd.service", "console-getty.service", "networking.service", "e2scrub_reap.service"),
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "cron.service", "postgresql.service"),
)
"""What the machine under us may run for itself, and what a container has no business with."""

_OURS = (Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[2])
"""The checkout and its interpreter: seen by the machine wherever they lie, below /tmp too, which it has anew."""

# In a mount namespace that nobody else sees. Arguments: folder, root below, size, groups, and the command.
_UNDER_OVERLAY = """set -e
folder=$1 lower=$2 size=$3 groups=$4; shift 4
mount -t tmpfs -o size="$size" data-bolt-test "$folder/over"
mkdir "$folder/over/upper" "$folder/over/work"
mount -t overlay -o lowerdir="$lower",upperdir="$folder/over/upper",workdir="$folder/over/work" overlay "$folder/root"
for group in $groups; do echo $$ > "$group/cgroup.procs"; done
exec "$@"
"""

# Its standard input ends when the tests close it, or die: kill -9 of a test process leaves no machine running.
_GUARD = """folder=$1 groups=$2
cat > /dev/null
for group in $groups; do [ ! -e "$group/cgroup.kill" ] || echo 1 > "$group/cgroup.kill"; done
for group in $groups; do for _ in $(seq 100); do
  find "$group" -depth -type d -exec rmdir {} + 2> /dev/null; [ -d "$group" ] || break; sleep 0.05
done; done
rm -rf "$folder"
"""


class CommandFailed(Exception):
    """A command in the machine ended with another code than 0; the message holds what it printed."""


class Machine:
    """A booted systemd. `boot` makes one."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], console: Path) -> None:
        self.name = name
        self._process = process
        self._console = console
        self._leader = 0

    def run(self, *command: str | Path, check: bool = True, timeout: float = COMMAND_SECONDS, stdin: str = "") -> str:
        """What *command* prints (both streams), run as root there. Raises CommandFailed unless *check* is off."""
        done = subprocess.run(
            [*self._enter(), *map(str, command)],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise CommandFailed(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def write(self, path: str | Path, text: str, mode: int = 0o644) -> None:
        """A file in the machine, its folders made."""
        self.run(
            "sh",
            "-c",
            'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"',
            "-",
            path,
            oct(mode)[2:],
            stdin=text,
        )

    def journal(self, unit: str | None = None, *match: str) -> list[dict[str, str]]:
        """The entries of *unit* that match (`BOT_ITEM=...`), oldest first, every field of them."""
        of_unit = ("-u", unit) if unit else ()
        lines = self.run("journalctl", "--no-pager", "-q", "-a", "-o", "json", *of_unit, *match).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def start(self, *units: str, verb: str = "start") -> None:
        """`systemctl start`, or another *verb*. Raises CommandFailed with what the journal has of it."""
        try:
            self.run("systemctl", verb, *units)
        except CommandFailed as error:
            said = self.run("journalctl", "--no-pager", "-q", "-n", "40", "-o", "cat", *(f"--unit={u}" for u in units))
            raise CommandFailed(f"{error}\n{said}") from None

    def show(self, unit: str, *properties: str) -> dict[str, str]:
        """`systemctl show`: the named properties."""
        lines = self.run("systemctl", "show", unit, *(f"--property={name}" for name in properties)).splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}

    def down(self) -> None:
        """Halt it; kill it when it does not. Its mounts end with it."""
        with contextlib.suppress(ProcessLookupError):
            if self._leader:
                os.kill(self._leader, HALT)
            else:
                self._process.kill()
        try:
            self._process.wait(DOWN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # nspawn's children die with it
            self._process.wait()

    def wait_until_booted(self) -> None:
        """Raises CommandFailed with the console when it does not boot."""
        deadline = time.monotonic() + BOOT_SECONDS
        state = ""
        while state not in ("running", "degraded"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise CommandFailed(f"{self.name} did not boot ({state}):\n{self._console.read_text(errors='replace')}")
            time.sleep(0.05)
            self._leader = _first_child(self._process.pid)  # nspawn's first one only makes the machine, and ends
            state = self.run("systemctl", "is-system-running", check=False).strip() if self._leader else ""

    def _enter(self) -> list[str]:
        namespaces = ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C"]
        root = [f"--root=/proc/{self._leader}/root", "--wdns=/"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return [*namespaces, *root, "env", "-i", path, "HOME=/root", "LANG=C.UTF-8", "SYSTEMD_PAGER="]


@contextmanager
def boot(
    root: Path = Path("/"),
    *,
    network: Literal["private", "host"] = "private",
    binds: Mapping[Path, str] | None = None,
    target: str = "basic.target",
    mask: tuple[str, ...] = (),
    size: str = "1g",
) -> Generator[Machine]:
    """A machine for the time of the block, up to *target*. *root* itself stays as it is.

    *binds*: folders of this machine and where they are seen there, read-write. *size*: what it may write, in memory.
    """
    name = f"data-bolt-test-{os.getpid()}-{next(_SERIAL)}"
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    for part in ("over", "root"):
        (folder / part).mkdir()
    groups = " ".join(map(str, _make_cgroups(name)))
    console = folder / "console"
    arguments = [
        *("systemd-nspawn", "--quiet", f"--machine={name}", f"--directory={folder / 'root'}", "--boot"),
        *("--register=no", "--keep-unit", "--link-journal=no", "--resolv-conf=off", "--timezone=off"),
        *("--capability=all", "--system-call-filter=bpf"),  # without these IPAddressDeny= is silently void
        f"--kill-signal={HALT}",
        *(["--private-network"] if network == "private" else []),
        *(f"--bind={here}:{there}" for here, there in (binds or {}).items()),
        *(f"--bind-ro={path}" for path in (_OURS if root == Path("/") else ())),
        f"systemd.unit={target}",
        *(f"systemd.mask={unit}" for unit in (*_MASKED, *mask)),
    ]
    unshared = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _UNDER_OVERLAY, "-"]
    # Sessions of their own: Ctrl-C is for the tests, which end the machine in order.
    guard = subprocess.Popen(
        ["sh", "-c", _GUARD, "-", str(folder), groups], stdin=subprocess.PIPE, start_new_session=True
    )
    assert guard.stdin is not None
    with console.open("wb") as out:
        process = subprocess.Popen(
            [*unshared, str(folder), str(root), size, groups, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            start_new_session=True,
        )
    machine = Machine(name, process, console)
    try:
        machine.wait_until_booted()
        yield machine
    finally:
        machine.down()
        guard.stdin.close()
        guard.wait()


def _first_child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else 0


def _make_cgroups(name: str) -> list[Path]:
    """Groups of the machine's own, or two systemds in one tree would stop each other's services."""
    base = Path("/sys/fs/cgroup")
    hybrid = [base / hierarchy for hierarchy in ("unified", "systemd") if (base / hierarchy / "cgroup.procs").exists()]
    groups = [hierarchy / name for hierarchy in hybrid or [base]]
    for group in groups:
        group.mkdir()
    return groups


if __name__ == "__main__":  # can one be booted here? .ci/run asks
    with boot() as probe:
        print(probe.run("systemctl", "--version").splitlines()[0])
