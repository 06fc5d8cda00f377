"""`botctl db check`: what the doctor asks of Postgres, asked of the daemon's server or of one that it may move to."""

import argparse
import asyncio
from typing import Final

from pydantic import SecretStr
from rich.console import Console

from bot.cli.db_move import asked_address
from bot.cli.doctor.check import examine_all, with_needs
from bot.cli.doctor.checks import CHECKS
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.patient import Loaded, open_patient
from bot.cli.doctor.report import as_json, print_findings, worst_state
from bot.logging import configure_logging
from bot.settings import load_settings

ABOUT_POSTGRES: Final = frozenset({"postgres", "pooler", "rights", "migrations", "checkpoints", "connections"})


async def db_check(options: argparse.Namespace) -> int:
    configure_logging("critical")
    settings = await asyncio.to_thread(load_settings)
    if options.to is not None:
        address = await asyncio.to_thread(asked_address, options.to)
        settings = settings.model_copy(update={"database_url": SecretStr(address)})
    async with open_patient(Loaded(settings), Machine()) as patient:
        findings = await examine_all(with_needs(CHECKS, ABOUT_POSTGRES), patient)
    if options.json:
        print(as_json(findings))
    else:
        print_findings(findings, Console(highlight=False))
    return 1 if worst_state(findings) == "fail" else 0
