"""A pressed CSV button, through the whole daemon, killed after Slack has shared the file: one file, one job."""

import pytest

from tests.scenario.house import House
from tests.scenario.tripwire import Crossing

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Show me orders by status."


def files_below(house: House, ts: str) -> list[dict]:
    messages = house.workspace.room.board.thread("C0GENERAL", ts)
    return [file for message in messages for file in message.get("files") or ()]


async def test_a_file_is_shared_once_though_the_daemon_dies_and_the_button_is_pressed_again(house: House):
    ts = await house.ask(QUESTION)
    (answer,) = await house.answered(ts)
    jobs = list(house.billed_jobs)
    house.kill_at(Crossing("slack files.completeUploadExternal", "after"))
    await house.workspace.click("U0ANA", answer["ts"], "C0GENERAL", "csv_file")
    await house.sprung()
    await house.start_daemon()
    finished = await house.until(
        lambda: [line for line in house.daemon.named("inbox.item_finished") if line["item"].startswith("click:")]
    )
    assert len(finished) == 1
    (file,) = files_below(house, ts)
    content = house.workspace.room.files.by_id[file["id"]].content
    assert content is not None
    header, *rows = content.decode("utf-8-sig").splitlines()
    assert (header, len(rows)) == ("status,orders", 5)
    assert sum(int(row.rpartition(",")[2]) for row in rows) == 2861

    await house.workspace.click("U0ANA", answer["ts"], "C0GENERAL", "csv_file")
    await house.until(lambda: house.workspace.room.board.ephemeral)
    assert len(files_below(house, ts)) == 1
    assert house.billed_jobs == jobs
