"""A small model reads its prompts for half a minute the first time: have it read them before somebody asks."""

import asyncio
import sys

from bot.cli.stack import Stack

QUESTION = "How many orders are there?"


async def rehearse(stack: Stack) -> None:
    """Ask the running bot's analyst one question about the demo shop, as soon as the model answers.

    Only where model and warehouse are both stand-ins: elsewhere it would cost somebody money. Joins the running
    `botctl run` as any `simulate` does; what comes of it is nobody's business.
    """
    await stack.model_is_ready()
    if not stack.is_all_local:
        return
    asking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli.main", "simulate", "--text", QUESTION),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await asking.wait()
    except asyncio.CancelledError:
        asking.terminate()
        await asking.wait()
        raise
