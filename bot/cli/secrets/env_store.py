"""Secrets in an .env file, among other settings and comments, which stay as they are."""

from collections.abc import Collection, Mapping
from pathlib import Path

from bot.cli.dotenv_syntax import DOTENV
from bot.cli.errors import CommandError
from bot.cli.replace_file import replace_file
from bot.cli.settings_file import read_settings_file


class EnvFileSecrets:
    unset_is_empty = False
    can_unset = True

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        return str(self._path)

    def read(self, names: Collection[str]) -> dict[str, str]:
        return {name: value for name, value in read_settings_file(self._path, DOTENV).values().items() if name in names}

    def write(self, values: Mapping[str, str]) -> None:
        file = read_settings_file(self._path, DOTENV)
        for name, value in values.items():
            file.put(name, value)
        try:
            replace_file(self._path, file.text, mode=0o600)
        except OSError as error:
            raise CommandError(f"{self._path} cannot be written ({error.strerror}).") from None
