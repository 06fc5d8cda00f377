"""Files of the local workspace, as the genuine client sends them and the page gets them."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.local.slack.workspace import Workspace
from tests.local.slack_bench import web_client

CONTENT = "\ufeffn\r\n1\r\n".encode()


async def test_a_file_is_uploaded_shared_in_its_thread_and_downloaded_from_the_page() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client, aiohttp.ClientSession() as page:
        root = await workspace.post("U0ANA", "C0GENERAL", "hello")
        await client.files_upload_v2(
            content=CONTENT, filename="orders 2025.csv", channel="C0GENERAL", thread_ts=root, initial_comment="1 row"
        )
        (message,) = [m for m in workspace.room.board.thread("C0GENERAL", root) if m.get("files")]
        (file,) = message["files"]
        assert (message["text"], file["name"], file["size"]) == ("1 row", "orders 2025.csv", len(CONTENT))
        replies = await client.conversations_replies(channel="C0GENERAL", ts=root)
        assert [f["id"] for m in replies["messages"] for f in m.get("files", [])] == [file["id"]]
        async with page.get(file["url_private_download"]) as answer:
            assert await answer.read() == CONTENT
            assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_nothing_is_shared_that_was_not_uploaded_whole_and_nothing_twice() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client, aiohttp.ClientSession() as http:
        opened = await client.files_getUploadURLExternal(filename="a.csv", length=len(CONTENT))
        share = {"files": [{"id": opened["file_id"], "title": "a"}], "channel_id": "C0GENERAL"}
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client.files_completeUploadExternal(**share)
        for wrong in (CONTENT[:-1], CONTENT + b"x"):
            async with http.post(opened["upload_url"], data=wrong) as answer:
                assert answer.status == 400
        async with http.post(opened["upload_url"], data=CONTENT) as answer:
            assert answer.status == 200
        await client.files_completeUploadExternal(**share)
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client.files_completeUploadExternal(**share)
