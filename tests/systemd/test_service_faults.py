"""What stays down, what heals by itself, and what people are told of it: once."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.scenario.house import House
from tests.systemd.conftest import OPS_CHANNEL
from tests.systemd.installed import SETTINGS
from tests.systemd.service import Service

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.asyncio(loop_scope="session")]

Figure = Callable[[str], None]
POSTGRES = "slack-bot-postgres.service"


async def test_postgres_away_at_the_start_heals_and_is_told_once(
    house: House, running: Service, figure: Figure
) -> None:
    before = await _stopped_in_peace(house, running)
    await asyncio.to_thread(running.machine.run, "systemctl", "stop", POSTGRES)
    try:
        await running.systemctl("start", "--no-block")
        restarts = await running.until_shown("NRestarts", lambda value: int(value) >= 2)
    finally:
        began = time.monotonic()
        await asyncio.to_thread(running.machine.start, POSTGRES)
    await running.until_shown("ActiveState", lambda value: value == "active")
    figure(f"ready {time.monotonic() - began:.1f} s after Postgres was back, {restarts} failed starts")
    await house.until(lambda: len(_notices(house)) > before + 1)
    (failed, back) = _notices(house)[before:]
    assert "keeps starting it again" in failed
    assert "daemon.cannot_start" in failed
    assert "runs again" in back


async def test_a_wrong_setting_stays_down_with_one_sentence_and_is_told_once(
    house: House, running: Service, figure: Figure
) -> None:
    before = await _stopped_in_peace(house, running)
    lines_before = len(await running.lines())
    await asyncio.to_thread(running.machine.run, "sed", "-i", "$ a WORKERS=a few", SETTINGS)
    try:
        await running.systemctl("start", "--no-block")
        await running.until_shown("ActiveState", lambda value: value == "failed")
        (told,) = await house.until(lambda: _notices(house)[before:])
        assert await running.show("ExecMainStatus") == "78"
        assert await running.show("SubState") == "failed", "no restart is under way"
    finally:
        await asyncio.to_thread(running.machine.run, "sed", "-i", "/^WORKERS=/d", SETTINGS)
    said = [line for line in (await running.lines())[lines_before:] if line.startswith("slack-bot: ")]
    figure(said[0])
    assert len(said) == 1
    assert said[0].startswith("slack-bot: WORKERS is wrong: ")
    counted = await asyncio.to_thread(
        running.machine.journal, running.unit, "BOT_EVENT=daemon.cannot_start", "PRIORITY=2"
    )
    assert [entry["BOT_REASON"] for entry in counted] == [said[0].removeprefix("slack-bot: ")]
    assert "its configuration is wrong" in told
    assert "WORKERS is wrong" in told


async def _stopped_in_peace(house: House, running: Service) -> int:
    """Stopped, with no outage of another test left open; how many notices were posted until now."""
    await running.systemctl("stop")
    await asyncio.to_thread(running.machine.run, "rm", "-rf", "/var/lib/private/slack-bot/downtime")
    return len(_notices(house))


def _notices(house: House) -> list[str]:
    """What the ops channel was told of units, oldest first."""
    texts = [message["text"] for message in house.workspace.messages(OPS_CHANNEL)]
    return [text for text in texts if "slack-bot on " in text]
