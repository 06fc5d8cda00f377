"""slack-bot.service on a real systemd: started, asked, killed, drained, resumed."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.scenario.house import House
from tests.systemd.service import Service

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.asyncio(loop_scope="session")]

QUESTION = "How many orders were placed in 2025?"
ANSWER = "2,442"
Figure = Callable[[str], None]


async def test_start_returns_when_a_question_can_be_answered(house: House, daemon: Service, figure: Figure) -> None:
    await daemon.systemctl("stop")
    began = time.monotonic()
    await daemon.systemctl("start")
    figure(f"ready {time.monotonic() - began:.1f} s after systemctl start")
    assert house.workspace.sockets == 1
    assert await daemon.show("ActiveState") == "active"
    ts = await house.ask(QUESTION)
    (answer,) = await house.answered(ts)
    assert ANSWER in answer["text"]


async def test_the_status_line_lives(house: House, running: Service, figure: Figure) -> None:
    ts = await house.ask(QUESTION)
    await house.answered(ts)
    line = await running.until_shown("StatusText", lambda text: "last turn answered" in text)
    figure(line)
    assert line.startswith("Connected since ")
    assert "running, " in line


async def test_no_process_of_the_unit_has_a_secret_in_its_environment_or_arguments(
    house: House, running: Service, figure: Figure
) -> None:
    seen = ""
    pids = await running.pids()
    for pid in pids:
        for name in ("environ", "cmdline"):
            seen += await asyncio.to_thread(running.machine.run, "cat", f"/proc/{pid}/{name}")
    assert "CREDENTIALS_DIRECTORY" in seen
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        assert house.environ[name] not in seen
    assert "a-password-of-tests" not in seen
    figure(f"{len(pids)} processes looked at")


async def test_a_question_that_was_being_answered_when_it_was_killed_is_answered_once(
    house: House, running: Service, figure: Figure
) -> None:
    jobs, restarts = len(house.billed_jobs), int(await running.show("NRestarts"))
    ts = await _ask_and_hold(house)
    began = time.monotonic()
    await running.kill("KILL")
    house.model.release()
    (answer,) = await house.answered(ts)
    figure(f"answered {time.monotonic() - began:.1f} s after kill -9")
    assert ANSWER in answer["text"]
    assert len(house.billed_jobs) == jobs + 1
    assert int(await running.show("NRestarts")) == restarts + 1


async def test_a_stop_lets_what_is_in_hand_finish(house: House, running: Service, figure: Figure) -> None:
    ts = await _ask_and_hold(house)
    stopping = asyncio.create_task(running.systemctl("stop"))
    await house.until(lambda: house.workspace.sockets == 0)
    began = time.monotonic()
    await running.until_shown("StatusText", lambda text: text.startswith("Draining"))
    assert not stopping.done()
    house.model.release()
    await stopping
    figure(f"drained {time.monotonic() - began:.1f} s after the model answered")
    (answer,) = await house.answered(ts)
    assert ANSWER in answer["text"]
    assert await running.show("Result") == "success"


async def test_what_outlasts_the_drain_is_answered_once_however_often_it_is_interrupted(
    house: House, daemon: Service, figure: Figure
) -> None:
    jobs = len(house.billed_jobs)
    await daemon.systemctl("stop")
    try:
        await daemon.add_drop_in("drain", "Environment=DRAIN_SECONDS=1")
        await daemon.systemctl("start")
        ts = await _ask_and_hold(house)
        began = time.monotonic()
        await daemon.systemctl("stop")
        figure(f"with DRAIN_SECONDS=1 stopped after {time.monotonic() - began:.1f} s")
        assert await daemon.show("Result") == "success"

        await daemon.add_drop_in("drain", "Environment=DRAIN_SECONDS=3000")  # nobody would wait for it
        asked = len(house.model.requests)
        await daemon.systemctl("start")
        async with asyncio.timeout(60):
            await house.model.wait_for_requests(asked + 1)  # the turn again
        began = time.monotonic()
        stopping = asyncio.create_task(daemon.systemctl("stop"))
        await house.until(lambda: house.workspace.sockets == 0)
        await daemon.kill("TERM")
        await stopping
        figure(f"told to stop twice, stopped after {time.monotonic() - began:.1f} s")
        assert await daemon.show("Result") == "success"
    finally:
        house.model.release()
        await daemon.remove_drop_in("drain")
    await daemon.systemctl("start")
    (answer,) = await house.answered(ts)
    assert ANSWER in answer["text"]
    assert len(house.billed_jobs) == jobs + 1


async def _ask_and_hold(house: House) -> str:
    """A question whose turn waits for the model."""
    house.model.hold()
    asked = len(house.model.requests)
    ts = await house.ask(QUESTION)
    async with asyncio.timeout(60):
        await house.model.wait_for_requests(asked + 1)
    return ts
