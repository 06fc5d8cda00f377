"""Where secrets may lie, and which settings are secrets. Stores block: a command has nothing else to do meanwhile."""

from collections.abc import Collection, Mapping
from typing import Protocol, get_args

from pydantic import SecretStr

from bot.settings import Settings


class SecretStore(Protocol):
    @property
    def place(self) -> str:
        """As it was named on the command line."""
        ...

    @property
    def unset_is_empty(self) -> bool:
        """Whether an unset secret has to be there too, empty, because somebody loads it by name."""
        ...

    @property
    def can_unset(self) -> bool: ...

    def read(self, names: Collection[str]) -> dict[str, str]:
        """Those of *names* (`SLACK_BOT_TOKEN`) that are there, "" for one that is empty. Raises CommandError."""
        ...

    def write(self, values: Mapping[str, str]) -> None:
        """Each in place of what was there; "" unsets it. Raises CommandError."""
        ...


def secret_names() -> tuple[str, ...]:
    """The settings that are secrets, in the order of Settings."""
    return tuple(
        name.upper()
        for name, field in Settings.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    )
