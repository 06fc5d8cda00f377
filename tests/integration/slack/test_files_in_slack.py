"""A file on its way into the local workspace: streamed, shared once, found again, shown while it is written."""

import io
from collections.abc import AsyncIterator

import pytest

from agent.notice import Notice
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.result_files.delivery import Spot
from bot.slack.client import MaybeDone, open_client
from bot.slack.files import CHUNK_BYTES, SlackFiles
from tests.checked_workspace import CheckedWorkspace

ROWS = (Notice("file.rows", {"count": 2}),)


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with CheckedWorkspace().serving() as workspace:
        yield workspace


@pytest.fixture
async def files(workspace: Workspace) -> AsyncIterator[SlackFiles]:
    async with open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        yield SlackFiles(client)


async def spot_of(workspace: Workspace) -> Spot:
    return Spot("C0GENERAL", await workspace.post("U0ANA", "C0GENERAL", "hello"), "ko")


def shared(workspace: Workspace, spot: Spot) -> list[dict]:
    assert spot.thread_ts is not None
    return [m for m in workspace.room.board.thread(spot.channel, spot.thread_ts) if m.get("files")]


async def test_a_file_longer_than_a_chunk_arrives_whole_and_is_announced(
    workspace: Workspace, files: SlackFiles
) -> None:
    spot = await spot_of(workspace)
    content = bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"end"
    file_id = await files.upload("a.csv", io.BytesIO(content), len(content))
    assert not await files.is_shared(spot, file_id, since=0)
    await files.share(spot, file_id, "a.csv", ROWS)
    assert await files.is_shared(spot, file_id, since=0)
    (message,) = shared(workspace, spot)
    assert message["text"] == "전체 결과예요: 2행."
    assert workspace.room.files.by_id[file_id].content == content


async def test_a_share_whose_answer_got_lost_is_not_repeated_but_found(workspace: Workspace, files: SlackFiles) -> None:
    spot = await spot_of(workspace)
    file_id = await files.upload("a.csv", io.BytesIO(b"n"), 1)
    workspace.fail_next("files.completeUploadExternal", "internal_error", status=500, after=True)
    with pytest.raises(MaybeDone):
        await files.share(spot, file_id, "a.csv", ROWS)
    assert await files.is_shared(spot, file_id, since=0)
    assert len(shared(workspace, spot)) == 1


async def test_a_file_at_the_top_of_a_direct_message_is_found_too(workspace: Workspace, files: SlackFiles) -> None:
    channel = next(c.id for c in workspace.room.board.channels.values() if c.is_dm)
    spot = Spot(channel, None, "en")
    file_id = await files.upload("a.csv", io.BytesIO(b"n"), 1)
    await files.share(spot, file_id, "a.csv", ROWS)
    assert await files.is_shared(spot, file_id, since=0)
    assert not await files.is_shared(spot, "F999", since=0)


async def test_the_note_shows_how_far_it_is_has_a_stop_button_and_goes(workspace: Workspace, files: SlackFiles) -> None:
    spot = await spot_of(workspace)
    ts = await files.open_note(spot, Notice("file.writing", {"rows": 5, "total": 10}), "control:file:csv:t1")
    await files.change_note(spot, ts, Notice("file.writing", {"rows": 9, "total": 10}), "control:file:csv:t1")
    note = workspace.room.board.message(spot.channel, ts)
    assert "9" in note["text"]
    (stop,) = note["blocks"][1]["elements"]
    assert (stop["action_id"], stop["value"]) == ("stop_file", "control:file:csv:t1")
    await files.close_note(spot, ts)
    await files.close_note(spot, ts)
    assert spot.thread_ts is not None
    assert len(workspace.room.board.thread(spot.channel, spot.thread_ts)) == 1
