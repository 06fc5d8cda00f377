"""Thirty turns that stream their steps at once, for two minutes: what Slack is asked, and what it refuses.

Time runs ten times as fast for the bot and for the workspace's limits alike; all figures are in the bot's time.
"""

import asyncio
import statistics
import time
from collections import Counter

import aiohttp

from agent.turn import Action, Answer, Progress, Route, Step
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.slack.client import PatientClient
from bot.slack.desk import Desk
from bot.slack.gates import Gates
from bot.slack.identity import ask_identity
from bot.slack.presenter import SlackPresenter
from bot.slack.streams import Streams
from bot.surface import Place
from tests.fakes.call_log import CallLog
from tests.fakes.replies import FakeReplies

TURNS = 30
SECONDS = 120
FASTER = 10
CHANNELS = ("C0GENERAL", "C0SALES", "C0AGENCY", "C0PARTNERS")
METHODS = ("chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update", "chat.postMessage")


def clock() -> float:
    return time.monotonic() * FASTER


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds / FASTER)


async def measure() -> dict[str, float | int | str]:
    """Raises AssertionError where a turn does not end in exactly one answer."""
    workspace, calls = Workspace(clock=clock), CallLog()
    async with workspace.serving(), aiohttp.ClientSession(trace_configs=[calls.trace]) as session:
        gates = Gates(clock=clock, sleep=pause)
        client = PatientClient(BOT_TOKEN, base_url=workspace.api_url, session=session, gates=gates, sleep=pause)
        me = await ask_identity(client)
        streams = Streams(client, me, clock=clock, sleep=pause)
        presenter = SlackPresenter(Desk(client, bot_user=me.bot_user, sleep=pause), FakeReplies(), streams, sleep=pause)
        places = [await _ask(workspace, number) for number in range(TURNS)]
        watching = asyncio.create_task(_count_plans(workspace, places), name="watch")
        waits = await asyncio.gather(*(_turn(presenter, place) for place in places))
        await workspace.wait_for(lambda: not any(_plans(workspace, places)), 60)
        watching.cancel()
        (peak,) = await asyncio.gather(watching)
        for place in places:
            (answer,) = workspace.answers(place.channel, str(place.thread_ts))
            assert answer["text"] == "Done", answer["text"]
    return {
        "turns": TURNS,
        "seconds": SECONDS,
        **{f"{method}, most in a minute": _most_in_a_minute(calls, method) for method in METHODS},
        "refused": len(calls.refused),
        "calls during Retry-After": len(calls.during_retry_after()),
        "plans that stood at once, most": peak,
        "answer shown after its turn ended, p50 s": round(statistics.median(waits), 2),
        "answer shown after its turn ended, last s": round(max(waits), 2),
    }


async def _ask(workspace: Workspace, number: int) -> Place:
    channel = CHANNELS[number % len(CHANNELS)]
    ts = await workspace.post("U0ANA", channel, f"question {number}")
    return Place(f"turn-{number}", f"T0LOCAL:{channel}:{ts}", channel, ts, "U0ANA", float(ts), "en")


async def _turn(presenter: SlackPresenter, place: Place) -> float:
    """A step's new state every second; the seconds until its answer stood."""
    async with presenter.open(place, may_exist=False) as draft:
        for second in range(SECONDS):
            await draft.show(Progress(Step.RUN, "running", f"{second} s"))
            await pause(1)
        ended = clock()
        await draft.finish(Answer(place.turn_id, "en", Route(Action.CHAT_REPLY, 1.0, ""), text="Done"), None)
        return clock() - ended


def _plans(workspace: Workspace, places: list[Place]) -> list[int]:
    return [len(workspace.plans(place.channel, str(place.thread_ts))) for place in places]


async def _count_plans(workspace: Workspace, places: list[Place]) -> int:
    """The most that stood at once, once cancelled."""
    peak = 0
    try:
        while True:
            peak = max(peak, sum(_plans(workspace, places)))
            await pause(1)
    except asyncio.CancelledError:
        return peak


def _most_in_a_minute(calls: CallLog, method: str) -> int:
    """In any sixty seconds."""
    times = [sent.at * FASTER for sent in calls.sent if sent.method == method]
    return max(Counter({start: sum(start <= at < start + 60 for at in times) for start in times}).values(), default=0)
