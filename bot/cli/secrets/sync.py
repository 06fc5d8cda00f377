"""`botctl secrets sync`: secrets from one place to another; only what differs is written."""

import argparse

from bot.cli.asking import confirmed
from bot.cli.errors import CommandError
from bot.cli.secrets.address import stores_of
from bot.cli.secrets.plan import Change, first_of, plan
from bot.cli.secrets.store import secret_names


def secrets_sync(options: argparse.Namespace) -> int:
    sources, target = stores_of(options)
    names = secret_names()
    found = first_of([source.read(names) for source in sources])
    places = " and ".join(source.place for source in sources)
    if not found:
        raise CommandError(f"{places} holds none of the secrets: nothing is carried over.")
    changes = plan(found, target.read(names), names, unset_too=options.all, unset_is_empty=target.unset_is_empty)
    print(f"From {places} to {target.place}:")
    _show(changes)
    made = {change.name: change.new or "" for change in changes if change.is_one}
    if not target.can_unset and "" in made.values():
        unset = ", ".join(name for name, value in made.items() if not value)
        raise CommandError(f"--all would delete {unset} in {target.place}, versions and all: do that there, by hand.")
    if not made:
        print("Nothing to change.")
    elif options.dry_run:
        print("Nothing was changed (--dry-run).")
    elif confirmed(f"Write {len(made)} to {target.place}?", yes=options.yes):
        target.write(made)
        print(f"{len(made)} written.")
    else:
        print("Nothing was changed.")
        return 1
    return 0


def _show(changes: list[Change]) -> None:
    width = max(len(change.name) for change in changes)
    for change in changes:
        print(f"  {change.name:<{width}}  {change.line}")
