"""Secrets as files: a folder that its owner alone may enter, and one file for each, as systemd loads credentials."""

import os
import stat
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.cli.errors import CommandError
from bot.cli.replace_file import replace_file
from bot.cli.secrets.store import secret_names


class FolderSecrets:
    unset_is_empty = True
    can_unset = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        return f"dir:{self._folder}"

    def read(self, names: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with _told(self._folder):
            for name in names:
                with suppress(FileNotFoundError):
                    found[name] = _regular_file(self._folder / name.lower()).strip()  # as Settings reads it
        return found

    def write(self, values: Mapping[str, str]) -> None:
        with _told(self._folder):
            self._make_private()
            for name, value in values.items():
                replace_file(self._folder / name.lower(), value, mode=0o600)

    def _make_private(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise CommandError(f"{self._folder} is not a folder of yours: whoever owns it could change the secrets.")
        if stat.S_IMODE(found.st_mode) & 0o077:
            others = {path.name for path in self._folder.iterdir()} - {name.lower() for name in secret_names()}
            if others:  # somebody else's folder, /etc perhaps: to close it would break what uses it
                raise CommandError(
                    f"{self._folder} is open to others and holds more than secrets: name another folder."
                )
            self._folder.chmod(0o700)


def _regular_file(path: Path) -> str:
    """A link would show another file's words as a secret."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), encoding="utf-8") as file:
        return file.read()


@contextmanager
def _told(folder: Path) -> Generator[None]:
    try:
        yield
    except PermissionError:
        raise CommandError(f"{folder} may not be used by you: try it with sudo.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a file there is not UTF-8"
        raise CommandError(f"{folder} cannot be used ({reason}).") from None
