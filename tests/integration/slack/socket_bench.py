"""The bot's Slack side on a local workspace: everything but the workers."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.local.slack.workspace import APP_TOKEN, BOT_TOKEN, Workspace
from bot.slack.app import build_app
from bot.slack.client import PatientClient, open_client
from bot.slack.groups import SlackGroups
from bot.slack.identity import Identity, ask_identity
from bot.slack.people import SlackPeople
from bot.slack.rooms import SlackRooms
from bot.slack.socket import SocketHandler
from bot.slack.whispers import SlackWhispers
from tests.fakes.inbox import FakeInbox

FAST = {"ack_timeout": 0.3, "retry_delays": (0.0, 0.1, 0.1), "linger": 0.5}
"""A workspace with little patience."""


@dataclass(frozen=True)
class Bench:
    workspace: Workspace
    inbox: FakeInbox
    client: PatientClient
    me: Identity
    socket: SocketHandler
    rooms: SlackRooms


@asynccontextmanager
async def connected(workspace: Workspace) -> AsyncGenerator[Bench]:
    inbox = FakeInbox()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        me = await ask_identity(client)
        people = SlackPeople(client, me)
        rooms = SlackRooms(client, people, SlackGroups(client), members_limit=200)
        app = build_app(client, me, inbox=inbox, whispers=SlackWhispers(client), people=people, rooms=rooms)
        socket = SocketHandler(app, APP_TOKEN, web_client=client)
        await socket.connect()
        try:
            yield Bench(workspace, inbox, client, me, socket, rooms)
        finally:
            await socket.close()
