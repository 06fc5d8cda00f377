"""Secrets in AWS Parameter Store: a SecureString each, which keeps its last hundred versions."""

from collections.abc import Collection, Mapping
from typing import Final

from bot.cli.aws import Account, parameter_store
from bot.cli.errors import CommandError

_AT_ONCE: Final = 10
"""As many names GetParameters takes."""


class ParameterSecrets:
    unset_is_empty = False
    can_unset = False  # its versions would go with it: a person does that

    def __init__(
        self, prefix: str, account: Account, *, paths: Mapping[str, str] | None = None, kms_key: str | None = None
    ) -> None:
        """*prefix*: `/slack-bot/prod`, above a parameter for each secret; *paths*: those that lie elsewhere."""
        self._prefix = prefix
        self._account = account
        self._paths = paths or {}
        self._kms_key = kms_key

    @property
    def place(self) -> str:
        return f"ssm:{self._prefix}"

    def read(self, names: Collection[str]) -> dict[str, str]:
        by_path = {self._path(name): name for name in names}
        paths = list(by_path)
        found: dict[str, str] = {}
        with parameter_store(self._account) as client:
            for at in range(0, len(paths), _AT_ONCE):
                told = client.get_parameters(Names=paths[at : at + _AT_ONCE], WithDecryption=True)
                found |= {by_path[one["Name"]]: one["Value"] for one in told["Parameters"]}
        return found

    def write(self, values: Mapping[str, str]) -> None:
        key = {"KeyId": self._kms_key} if self._kms_key else {}
        done: list[str] = []
        try:
            with parameter_store(self._account) as client:
                for name, value in values.items():
                    client.put_parameter(Name=self._path(name), Value=value, Type="SecureString", Overwrite=True, **key)
                    done.append(name)
        except CommandError as error:
            if not done:
                raise
            raise CommandError(f"{error} Written before that: {', '.join(done)}.") from None

    def _path(self, name: str) -> str:
        return self._paths.get(name) or f"{self._prefix}/{name.lower()}"
