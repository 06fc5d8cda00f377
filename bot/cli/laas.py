"""`botctl sync-laas-key`: the model gateway's key, from AWS Parameter Store into an .env file."""

import argparse
from pathlib import Path

from bot.cli.aws import Account, parameter_store
from bot.cli.dotenv_syntax import DOTENV
from bot.cli.errors import CommandError
from bot.cli.replace_file import replace_file
from bot.cli.secrets.plan import Change
from bot.cli.settings_file import read_settings_file

NAME = "LAAS_API_KEY"


def sync_laas_key(options: argparse.Namespace) -> int:
    path = Path(options.env)
    with parameter_store(Account(options.profile, options.region)) as client:
        key = str(client.get_parameter(Name=options.parameter, WithDecryption=True)["Parameter"]["Value"]).strip()
    if not key:
        raise CommandError(f"{options.parameter} is empty.")
    file = read_settings_file(path, DOTENV)
    values = file.values()
    change = Change(NAME, values.get(NAME), key)
    print(f"{path}: {NAME}  {change.line}")
    if change.is_one:
        file.put(NAME, key)
        try:
            replace_file(path, file.text, mode=0o600)
        except OSError as error:
            raise CommandError(f"{path} cannot be written ({error.strerror}).") from None
    if not (values.get("LAAS_BASE_URL") or values.get("OPENAI_BASE_URL")):
        print("Set LAAS_BASE_URL too: the gateway's address.")
    return 0
