"""What is made or brought along: the compiled SQL engine, the fonts of charts."""

import asyncio
import os
from pathlib import Path
from typing import Final

from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.patient import Patient

_REINSTALL: Final = "Install the packages again: pip install --require-hashes -r deploy/requirements.lock"


async def examine_engine(patient: Patient) -> Outcome:
    """Without it no query runs unless a person says yes."""
    return await asyncio.to_thread(_try_engine, patient)


async def examine_fonts(patient: Patient) -> Outcome:
    missing = await asyncio.to_thread(patient.machine.missing_fonts)
    if missing:
        return warn(f"charts lack {', '.join(missing)}: Korean or Japanese words in them are boxes", _REINSTALL)
    return ok("charts can be written in English, Korean and Japanese")


def _try_engine(patient: Patient) -> Outcome:
    folder = patient.cache_dir / "googlesql"
    try:
        from agent.sql.googlesql import module_cache as engine  # noqa: PLC0415  # its packages may be what is missing
    except ImportError as error:
        return fail(f"Google's SQL engine cannot be imported: {error}", _REINSTALL)
    if patient.machine.is_closed(folder):
        raise Skip(f"{folder} is closed to you: run it with sudo")
    if not engine.is_compiled(folder):
        return warn(
            f"Google's SQL engine is not compiled in {folder}",
            "botctl prepare engine does it, in about a minute; else the first start does.",
        )
    if folder.stat().st_uid != os.geteuid():  # native code: nobody runs another's
        return ok("Google's SQL engine is compiled; it is the service's own, so it was not tried out")
    return _load_engine(folder)


def _load_engine(folder: Path) -> Outcome:
    from agent.sql.googlesql import module_cache as engine  # noqa: PLC0415

    try:
        module = engine.find_compiled(folder)
    except engine.NoExecutableMemory as error:
        return fail(
            f"Google's SQL engine may not make memory executable ({error})",
            "Take MemoryDenyWriteExecute= out of the unit, and out of what else confines it.",
        )
    except engine.UnsafeCacheFolder as error:
        return fail(str(error), "Set CACHE_DIR to a folder of its own.")
    if module is None:
        return warn(
            f"Google's SQL engine in {folder} was damaged, and is discarded",
            "botctl prepare engine compiles it anew, in about a minute; else the next start does.",
        )
    return ok("Google's SQL engine is compiled and loads")
