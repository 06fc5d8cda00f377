"""Secrets in AWS Parameter Store: a SecureString each, which keeps its last hundred versions."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

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
        self._there: dict[str, str] = {}
        """What was read, by path."""

    @property
    def place(self) -> str:
        return f"ssm:{self._prefix}"

    def read(self, names: Collection[str]) -> dict[str, str]:
        paths = sorted({self._path(name) for name in names})
        with parameter_store(self._account) as client:
            for at in range(0, len(paths), _AT_ONCE):
                told = client.get_parameters(Names=paths[at : at + _AT_ONCE], WithDecryption=True)
                self._there |= {one["Name"]: one["Value"] for one in told["Parameters"]}
        return {name: self._there[path] for name in names if (path := self._path(name)) in self._there}

    def write(self, values: Mapping[str, str]) -> None:
        done: list[str] = []
        try:
            with parameter_store(self._account) as client:
                keys = self._keys(client, [self._path(name) for name in values])
                for name, value in values.items():
                    path = self._path(name)
                    key = {"KeyId": keys[path]} if path in keys else {}
                    client.put_parameter(Name=path, Value=value, Type="SecureString", Overwrite=True, **key)
                    done.append(name)
        except CommandError as error:
            if not done:
                raise
            raise CommandError(f"{error} Written before that: {', '.join(done)}.") from None

    def _keys(self, client: Any, paths: Sequence[str]) -> dict[str, str]:
        """By path. Without a word from us AWS would take its own key for a new version, whatever the old one's is."""
        if self._kms_key:
            return dict.fromkeys(paths, self._kms_key)
        there = [path for path in paths if path in self._there]
        if not there:
            return {}
        wanted = [{"Key": "Name", "Option": "Equals", "Values": there}]
        pages = client.get_paginator("describe_parameters").paginate(ParameterFilters=wanted)
        return {one["Name"]: one["KeyId"] for page in pages for one in page["Parameters"] if "KeyId" in one}

    def _path(self, name: str) -> str:
        return self._paths.get(name) or f"{self._prefix}/{name.lower()}"
