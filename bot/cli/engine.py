"""Compile Google's SQL engine before anything waits for it, and say so: the first start takes a minute."""

import asyncio
import threading
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from agent.sql.googlesql.module_cache import compile_module, is_compiled

COMPILING = "Compiling Google's SQL engine (once on this machine, about a minute)"


async def is_engine_ready(cache_dir: Path) -> bool:
    """Whether nobody would have to wait for it."""
    return await asyncio.to_thread(is_compiled, cache_dir)


async def prepare_engine(cache_dir: Path, console: Console) -> None:
    """Return when the compiled engine lies in *cache_dir*; show what takes so long."""
    if await is_engine_ready(cache_dir):
        return
    stop = threading.Event()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    if not console.is_terminal:
        console.print(f"{COMPILING} ...", soft_wrap=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.add_task(COMPILING)
        try:
            await asyncio.to_thread(compile_module, cache_dir, stop=stop)
        finally:
            stop.set()  # Ctrl-C: the thread does not hear of it
