"""Who is examined: a machine, its settings, and what several checks ask of the services they name."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.cli.doctor.dates import listen
from bot.cli.doctor.finding import Skip
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.once import Once
from bot.cli.doctor.questions import ask_model, ask_server
from bot.cli.doctor.unit_files import is_service
from bot.logging.secrets import Secrets
from bot.secret_settings import secret_values
from bot.settings import ConfigurationError, Settings

GOOGLES_BIGQUERY = "https://bigquery.googleapis.com"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, or the sentence that says why there are none."""

    settings: Settings | None
    fault: ConfigurationError | None = None
    is_attached: bool = False
    """To the stand-ins of a running `botctl run`."""


class Patient:
    def __init__(self, loaded: Loaded, machine: Machine) -> None:
        self.loaded = loaded
        self.machine = machine
        self._secrets = Secrets(secret_values(loaded.settings) if loaded.settings else ())
        self.slack = Once(lambda: listen(f"{self.settings.slack_api_url}api.test"), "doctor-hear-slack")
        self.bigquery = Once(lambda: listen(self.bigquery_address), "doctor-hear-bigquery")
        self.postgres = Once(lambda: ask_server(self.settings), "doctor-ask-postgres")
        self.model = Once(lambda: ask_model(self.settings), "doctor-ask-model")

    @property
    def settings(self) -> Settings:
        """Raises Skip where they cannot be read: that is said once, by their own check."""
        if self.loaded.settings is None:
            raise Skip("because the settings cannot be read")
        return self.loaded.settings

    @property
    def bigquery_address(self) -> str:
        return self.settings.bigquery_api_endpoint or GOOGLES_BIGQUERY

    @property
    def state_dir(self) -> Path:
        """The service's, where the daemon is one here. Blocking."""
        return self._ours(self.machine.service_state) or self.settings.state_dir

    @property
    def cache_dir(self) -> Path:
        """As `state_dir`: what is compiled and fetched. Blocking."""
        return self._ours(self.machine.service_cache) or self.settings.cache_dir

    def _ours(self, folder: Path) -> Path | None:
        """*folder*, where the daemon is a service of this machine and has run."""
        machine = self.machine
        return folder if is_service(machine) and (machine.is_closed(folder) or folder.is_dir()) else None

    def without_secrets(self, text: str) -> str:
        """*text* as it may be shown, whatever a service's error repeats in it."""
        return self._secrets.hide(text)

    async def close(self) -> None:
        for question in (self.slack, self.bigquery, self.postgres, self.model):
            await question.close()


@asynccontextmanager
async def open_patient(loaded: Loaded, machine: Machine) -> AsyncGenerator[Patient]:
    patient = Patient(loaded, machine)
    try:
        yield patient
    finally:
        await asyncio.shield(patient.close())
