"""What the journal holds of the daemon: fields to find a turn by, and no secret."""

import asyncio
import json
from collections.abc import Callable

import pytest

from tests.fakes.collector import FakeCollector
from tests.scenario.house import House
from tests.systemd.conftest import COLLECTOR_KEY
from tests.systemd.service import PATIENCE, Service

pytestmark = [pytest.mark.extra("systemd"), pytest.mark.asyncio(loop_scope="session")]

ITEM = "slackbot.item.id"
Figure = Callable[[str], None]
WRITTEN = ("sk-" + "live4f8a91b2c3d4e5f60718", "zebra7crossing9", "kim.planted@corp.example")
QUESTION = "How many orders were placed in 2025? My key is {}, password: {}, tell {}".format(*WRITTEN)


async def test_a_turn_is_found_by_its_item_with_what_it_cost_and_its_trace_by_what_the_journal_says(
    house: House, running: Service, collector: FakeCollector, figure: Figure
) -> None:
    ts = await house.ask(QUESTION)
    (answer,) = await house.answered(ts)
    assert "2,442" in answer["text"]
    match = f"BOT_ITEM=message:T0LOCAL:C0GENERAL:{ts}"
    async with asyncio.timeout(PATIENCE):
        while not (ended := await journal(running, match, "BOT_EVENT=turn.finished")):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    (line,) = ended
    assert (line["_TRANSPORT"], line["SYSLOG_IDENTIFIER"], line["PRIORITY"]) == ("journal", "slack-bot", "6")
    assert (line["BOT_OUTCOME"], line["BOT_ACTION"], line["BOT_SURFACE"]) == ("answered", "sql_generate", "channel")
    assert line["BOT_JOB"] in house.bigquery.jobs
    assert int(line["BOT_BYTES"]) > 0
    assert line["MESSAGE"].startswith("turn.finished ")
    root = await house.until(lambda: [span for span in collector.named("turn") if ts in span.attributes[ITEM]])
    assert line["BOT_TRACE_ID"] == root[0].trace_id
    assert {headers["x-key"] for headers in collector.headers} == {COLLECTOR_KEY}
    walk = [entry["BOT_EVENT"] for entry in await journal(running, match)]
    assert {"query.checked", "query.ran", "turn.finished"} <= set(walk)
    figure(f"{len(walk)} lines of one turn: {', '.join(walk)}")


async def test_no_secret_stands_in_the_journal_not_even_of_a_crash(
    house: House, running: Service, figure: Figure
) -> None:
    ts = await house.ask(QUESTION)
    await house.answered(ts)
    restarts = int(await running.show("NRestarts"))
    await running.kill("SIGABRT")
    await running.until_shown("NRestarts", lambda count: int(count) > restarts)
    await running.until_shown("ActiveState", lambda state: state == "active")
    entries = await asyncio.to_thread(running.machine.journal)  # of the whole machine
    text = json.dumps(entries, ensure_ascii=False)
    assert "Fatal Python error: Aborted" in text
    ours = [house.workspace.bot_token, house.workspace.app_token, "a-password-of-tests", COLLECTOR_KEY]
    assert [secret for secret in (*ours, *WRITTEN) if secret in text] == []
    assert "FROM shop" not in text
    folders = ("/var/lib/systemd/coredump", "/var/lib/private/slack-bot", "/var/cache/private/slack-bot")
    cores = await asyncio.to_thread(running.machine.run, "find", *folders, "-name", "core*", "-type", "f", check=False)
    assert [line for line in cores.splitlines() if "No such file" not in line] == []
    figure(f"{len(entries)} entries searched")


async def journal(service: Service, *match: str) -> list[dict[str, str]]:
    return await asyncio.to_thread(service.machine.journal, service.unit, *match)
