"""botctl of a VM (`/usr/local/bin/botctl`): with the settings of slack-bot.service and, as root, its secrets."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.cli.errors import CommandError
from bot.cli.main import USAGE_ERROR, main
from bot.cli.settings_file import read_settings_file
from bot.cli.systemd_syntax import SYSTEMD
from bot.settings import Settings

SETTINGS: Final = Path("/etc/slack-bot/slack-bot.env")
SECRETS: Final = (Path("/run/slack-bot-secrets"), Path("/etc/slack-bot/secrets"))
"""As they were loaded, else as they will be."""
GOOGLE_KEY: Final = Path("/etc/slack-bot/google-key.json")


def service_environment(
    settings: Path = SETTINGS, secrets: tuple[Path, ...] = SECRETS, google_key: Path = GOOGLE_KEY
) -> Mapping[str, str]:
    """What slack-bot.service gives its process, as far as this user may read it. Blocking. Raises CommandError."""
    environment = read_settings_file(settings, SYSTEMD).values()
    if folder := next((folder for folder in secrets if os.access(folder, os.R_OK | os.X_OK)), None):
        environment["CREDENTIALS_DIRECTORY"] = str(folder)
    if os.access(google_key, os.R_OK):
        environment["GOOGLE_APPLICATION_CREDENTIALS"] = str(google_key)
    return environment


def main_as_service(settings: Path = SETTINGS) -> int:
    try:
        environment = service_environment(settings)
    except CommandError as error:
        print(f"botctl: {error}", file=sys.stderr)
        return USAGE_ERROR
    for name, value in environment.items():
        os.environ.setdefault(name, value)  # what was said on the command line wins
    Settings.model_config["env_file"] = None  # the service has none: the one that somebody stands beside is another's
    return main()


if __name__ == "__main__":
    sys.exit(main_as_service())
