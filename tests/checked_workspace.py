"""A local workspace that lets no payload of ours pass unseen: each is rebuilt with slackblocks, each text measured."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import slackblocks as sb

from bot.local.slack.call import Call
from bot.local.slack.workspace import Workspace
from bot.slack.messages.message import Message
from tests.fakes.block_kit import LONGEST_TEXT, check_home, check_message, check_modal

MESSAGES = frozenset({"chat.postMessage", "chat.update", "chat.postEphemeral"})
STREAMS = frozenset({"chat.startStream", "chat.appendStream", "chat.stopStream"})
VIEWS = frozenset({"views.open", "views.push", "views.update", "views.publish"})
LONGEST_TASK_FIELD = 250


class CheckedWorkspace(Workspace):
    """`serving` fails at its end when the bot has sent what Slack would not take as it was meant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.checked = 0
        """Payloads that were looked at."""
        self._offences: list[str] = []

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncGenerator["CheckedWorkspace"]:
        async with super().serving(port):
            yield self
        for whisper in self.room.board.ephemeral:  # response_url and the acks of commands are no calls
            self._check("whisper", lambda whisper=whisper: _check_message(whisper["text"], whisper.get("blocks") or []))
        for ack in self.acks:
            if view := (ack.payload or {}).get("view"):
                self._check("view in an ack", lambda view=view: _check_view(view))
        assert not self._offences, "\n".join(self._offences)

    def note_call(self, call: Call) -> None:
        super().note_call(call)
        if call.method in MESSAGES:
            self._check(call.method, lambda: _check_message(call.text("text"), call.array("blocks")))
        elif call.method in STREAMS:
            self._check(call.method, lambda: _check_chunks(call.array("chunks")))
        elif call.method in VIEWS:
            self._check(call.method, lambda: _check_view(call.json_object("view")))
        elif call.method == "files.completeUploadExternal":
            self._check(call.method, lambda: _check_text(call.text("initial_comment")))

    def _check(self, what: str, check: Callable[[], None]) -> None:
        self.checked += 1
        try:
            check()
        except Exception as error:  # told at the end, all of them together
            self._offences.append(f"{what}: {error!r}")


def _check_message(text: str, blocks: list[dict[str, Any]]) -> None:
    check_message(Message(text, tuple(blocks)))


def _check_view(view: dict[str, Any]) -> None:
    (check_home if view["type"] == "home" else check_modal)(view)


def _check_text(text: str) -> None:
    assert len(text) < LONGEST_TEXT


def _check_chunks(chunks: list[dict[str, Any]]) -> None:
    tasks = [chunk for chunk in chunks if chunk["type"] == "task_update"]
    cards = [sb.TaskCardBlock(task["id"], task["title"], status=task["status"]) for task in tasks]
    titles = [chunk["title"] for chunk in chunks if chunk["type"] != "task_update"]
    for title in titles or ["a plan"]:
        sb.PlanBlock(title, cards)
    assert all(len(title) <= LONGEST_TASK_FIELD for title in [*titles, *(task["title"] for task in tasks)])
