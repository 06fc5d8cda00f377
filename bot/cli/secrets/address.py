"""Where secrets lie, as the command line says it: a path, `dir:/path`, `ssm:/prefix` or `ssm` for the usual prefix."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli.aws import Account
from bot.cli.errors import CommandError
from bot.cli.secrets.env_store import EnvFileSecrets
from bot.cli.secrets.folder_store import FolderSecrets
from bot.cli.secrets.parameter_store import ParameterSecrets
from bot.cli.secrets.store import SecretStore, secret_names

_DEFAULT_IN_AWS: Final = "ssm:/slack-bot/prod"
_PARAMETER: Final = re.compile(r"(?:/[A-Za-z0-9_.-]+)+")


def stores_of(options: argparse.Namespace) -> tuple[list[SecretStore], SecretStore]:
    """`--from` and `--to`. Raises CommandError."""
    paths = _paths(options.path)
    everywhere: Sequence[str] = [*options.source, options.to]
    if paths and sum(address.partition(":")[0] == "ssm" for address in everywhere) != 1:
        raise CommandError("--path is for a secret's place in AWS: it needs one ssm: address, and one only.")
    sources = [_open(address, paths, options) for address in options.source]
    return sources, _open(options.to, paths, options)


def _open(address: str, paths: dict[str, str], options: argparse.Namespace) -> SecretStore:
    kind, colon, rest = (_DEFAULT_IN_AWS if address == "ssm" else address).partition(":")
    match kind if colon else "":
        case "ssm":
            prefix = rest.rstrip("/")
            if not _PARAMETER.fullmatch(prefix):
                raise CommandError(f"{address} is no place in AWS: write it like ssm:/slack-bot/prod.")
            return ParameterSecrets(
                prefix, Account(options.profile, options.region), paths=paths, kms_key=options.kms_key
            )
        case "dir":
            if not rest:
                raise CommandError(f"{address} names no folder: write it like dir:/etc/slack-bot/secrets.")
            return FolderSecrets(Path(rest))
        case _:
            path = Path(address)
            return FolderSecrets(path) if path.is_dir() else EnvFileSecrets(path)


def _paths(given: Sequence[str]) -> dict[str, str]:
    known = secret_names()
    paths: dict[str, str] = {}
    for text in given:
        name, _, path = text.partition("=")
        if name not in known:
            raise CommandError(f"--path {text} names no secret: those are {', '.join(known)}.")
        if not _PARAMETER.fullmatch(path):
            raise CommandError(f"--path {text} names no parameter: write it like {name}=/other/name.")
        paths[name] = path
    return paths
