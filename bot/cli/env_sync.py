"""`botctl env sync`: the settings of an .env file, without its secrets, into the file that the unit's environment is.

Both say the same in two syntaxes. Nothing is written that the daemon would refuse.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, get_args

from bot.cli.asking import confirmed
from bot.cli.dotenv_syntax import DOTENV
from bot.cli.errors import CommandError
from bot.cli.given_settings import check_settings
from bot.cli.misspelt import meant_by
from bot.cli.replace_file import replace_file
from bot.cli.secrets.store import secret_names
from bot.cli.settings_file import SettingsFile, read_settings_file
from bot.cli.systemd_syntax import SYSTEMD
from bot.settings import Settings

_READABLE: Final = 0o644  # no secret is in it, and `botctl` of people who are not root reads it


class Change(NamedTuple):
    name: str
    old: str | None
    new: str | None

    @property
    def lines(self) -> list[str]:
        said = [] if self.old is None else [f"- {self.name}={self.old}"]
        return said if self.new is None else [*said, f"+ {self.name}={self.new}"]


def env_sync(options: argparse.Namespace) -> int:
    source, target = Path(options.source), Path(options.to)
    if not source.is_file():
        raise CommandError(f"There is no file {source}.")
    given = read_settings_file(source, DOTENV).values()
    unit_file = read_settings_file(target, SYSTEMD)
    _tell_what_stays_behind(given, source)
    settings = {name: value for name, value in given.items() if name in _setting_names()}
    changes = differences(settings, unit_file.values(), drop=options.all)
    for change in changes:
        print("\n".join(change.lines))
    _make(changes, unit_file)
    _check(unit_file)
    if not changes:
        print(f"Nothing to change in {target}.")
    elif options.dry_run:
        print("Nothing was changed (--dry-run).")
    elif confirmed(f"Write this to {target}?", yes=options.yes):
        _write(target, unit_file)
        print(f"{target} is written: `systemctl restart slack-bot` makes it so.")
    else:
        print("Nothing was changed.")
        return 1
    return 0


def differences(given: Mapping[str, str], old: Mapping[str, str], *, drop: bool) -> list[Change]:
    """`NAME=` means the default in both, so it is no line. *drop*: what *given* does not have goes too."""
    changes = [Change(name, old.get(name), value or None) for name, value in given.items()]
    if drop:  # what is no setting of ours is somebody else's
        changes += [Change(name, old[name], None) for name in old if name in _setting_names() and name not in given]
    return [change for change in changes if (change.old or None) != change.new]


def _make(changes: list[Change], unit_file: SettingsFile) -> None:
    for change in changes:
        if change.new is None:
            unit_file.drop(change.name)
        else:
            unit_file.put(change.name, change.new)


def _check(unit_file: SettingsFile) -> None:
    """As the daemon will have them. Raises ConfigurationError or CommandError, each with a sentence."""
    settings = {name: value for name, value in unit_file.values().items() if name in _all_names()}
    if planted := [name for name in secret_names() if settings.get(name)]:
        raise CommandError(
            f"{planted[0]} is a secret, and everybody may read that file: take it out, and see `botctl secrets sync`."
        )
    check_settings(settings)
    for name, value in settings.items():
        if value and _is_path(name) and not Path(value).is_absolute():
            raise CommandError(f"{name} is wrong for a service: {value} is no absolute path.")


def _write(target: Path, unit_file: SettingsFile) -> None:
    try:
        replace_file(target, unit_file.text, mode=_READABLE)
    except PermissionError:
        raise CommandError(f"{target} may not be written by you: try it with sudo.") from None
    except OSError as error:
        raise CommandError(f"{target} cannot be written ({error.strerror}).") from None


def _tell_what_stays_behind(given: Mapping[str, str], source: Path) -> None:
    secrets = [name for name in given if name in secret_names() and given[name]]
    if secrets:
        _say(f"{', '.join(secrets)}: secret, so not carried over. `botctl secrets sync --from {source} --to ...` does.")
    for name in given:
        if name not in _all_names():
            meant = meant_by(name)
            _say(f"{name}: no setting of ours, left out." + (f" Is {meant} meant?" if meant else ""))


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _all_names() -> frozenset[str]:
    return frozenset(name.upper() for name in Settings.model_fields)


def _setting_names() -> frozenset[str]:
    return _all_names() - set(secret_names())


def _is_path(name: str) -> bool:
    annotation = Settings.model_fields[name.lower()].annotation
    return Path in (annotation, *get_args(annotation))
