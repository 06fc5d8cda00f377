"""`botctl simulate`: one question and its answer in a terminal, directly or through the whole daemon."""

import argparse
import time

from agent.errors import AgentError
from agent.turn import Progress, Turn
from bot.app import Desktop, open_desktop
from bot.cli.cases import CASES
from bot.cli.direct_talk import DirectTalk, refuse_to_continue_without_memory
from bot.cli.item_watch import open_item_watch
from bot.cli.report import Simulated, print_simulated
from bot.cli.socket_talk import SocketTalk
from bot.cli.workspace_client import open_workspace_client
from bot.cli.world import World, err, open_world, open_world_with_daemon
from bot.logging import configure_logging
from bot.settings import require_agent_settings


async def simulate(options: argparse.Namespace) -> int:
    configure_logging("warning" if not options.via_socket else "info")
    texts = CASES[options.case] if options.case else (options.text,)
    refuse_to_continue_without_memory(options.thread_ts)
    if options.via_socket:
        async with open_world_with_daemon(options.model) as world:
            print_simulated(await _via_socket(world, texts, options), as_json_object=options.json)
    else:
        async with open_world(options.model) as world:
            require_agent_settings(world.settings)
            async with open_desktop(world.settings) as desktop:
                await ask_directly(desktop, texts, options)
    return 0


async def ask_directly(desktop: Desktop, texts: tuple[str, ...], options: argparse.Namespace) -> None:
    """Ask the analyst itself, without Slack and inbox. The thread is tidied up behind each answer, as the daemon does:
    it may be gone on with for a long time.
    """
    talk = DirectTalk.begin(desktop, user=options.user, channel=options.channel, thread_ts=options.thread_ts)
    for number, text in enumerate(texts, start=1):
        turn = talk.turn(text)
        simulated = await _answer(talk, turn)
        if number == len(texts):
            print_simulated(simulated, as_json_object=options.json)
        await desktop.analyst.tidy(turn)


async def _answer(talk: DirectTalk, turn: Turn) -> Simulated:
    """The answer, or the class of the error after which the daemon would try again."""
    started = time.monotonic()
    try:
        return await talk.answer(turn, _show)
    except AgentError as error:
        err.print(f"{type(error).__name__}: {error}", soft_wrap=True)
        seconds = time.monotonic() - started
        return Simulated(None, (), talk.channel, talk.thread_ts, seconds, type(error).__name__)


async def _show(progress: Progress) -> None:
    err.print(f"… {progress.step} {progress.state} {progress.detail}".rstrip(), style="dim", soft_wrap=True)


async def _via_socket(world: World, texts: tuple[str, ...], options: argparse.Namespace) -> Simulated:
    """As a person of the workspace, to the daemon that is connected to it."""
    assert world.page_url is not None, "there is a workspace in this world"
    simulated: Simulated | None = None
    async with open_workspace_client(world.page_url) as workspace, open_item_watch(world.settings) as watch:
        talk = await SocketTalk.begin(
            workspace, watch, user=options.user, channel=options.channel, thread_ts=options.thread_ts
        )
        for text in texts:
            simulated = await talk.ask(text)
    assert simulated is not None, "a case has messages"
    return simulated
