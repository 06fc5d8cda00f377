"""What /proc says of a process and of all that it starts, as often as one looks: some live for a second only."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self


class ProcessWatch:
    """While the block runs, argv and environment of process *root* and of its descendants are collected."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._ended = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="process-watch")
        self.argv: dict[int, str] = {}
        self.environ: dict[int, str] = {}

    def __enter__(self) -> Self:
        self._watching.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._watching.join()

    @property
    def everything(self) -> str:
        return "\n".join([*self.argv.values(), *self.environ.values()])

    def has_seen(self, program: str) -> bool:
        """Also its environment, and not that of the process before it became this program."""
        return any(program in argv and self.environ.get(pid) for pid, argv in self.argv.items())

    def _watch(self) -> None:
        while not self._ended.wait(0.01):
            for pid in self._family():
                try:
                    self.argv[pid] = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
                    self.environ[pid] = Path(f"/proc/{pid}/environ").read_text(errors="replace")
                except OSError:  # it has ended
                    continue

    def _family(self) -> list[int]:
        family, new = [self._root], [self._root]
        while new:
            new = [child for pid in new for child in _children(pid)]
            family += new
        return family


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
