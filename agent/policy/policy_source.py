"""The policy that holds now: read at start, and again whenever its file has changed. A broken file changes nothing."""

import asyncio
from pathlib import Path

import structlog

from agent.policy.grants import AccessPolicy
from agent.policy.policy_file import UnreadablePolicy, load_policy

log = structlog.get_logger(__name__)


class FixedPolicy:
    """One that never changes: the datasets of the settings."""

    def __init__(self, policy: AccessPolicy) -> None:
        self.latest = policy

    async def current(self) -> AccessPolicy:
        return self.latest


class PolicyFile:
    """A file that may change while we run. It is looked at for each decision, off the event loop."""

    def __init__(self, path: Path, default_project: str) -> None:
        """Blocking. Raises UnreadablePolicy: without a policy there is nothing to fall back on."""
        self._path = path
        self._default_project = default_project
        self._stamp = _stamp(path)
        self.latest = load_policy(path, default_project)
        """As last looked at: for who cannot wait for a look."""

    async def current(self) -> AccessPolicy:
        await asyncio.to_thread(self._look)
        return self.latest

    def _look(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp  # before the reading: a broken file is spoken of once, a change meanwhile is another one
        try:
            self.latest = load_policy(self._path, self._default_project)
        except UnreadablePolicy as error:
            log.error("policy.kept_old", reason=str(error))
        else:
            log.info("policy.loaded", grants=len(self.latest.grants), tags=len(self.latest.tags))


def _stamp(path: Path) -> tuple[int, int, int]:
    """Changes whenever the file does, also by a rename over it; all zero where there is none."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
