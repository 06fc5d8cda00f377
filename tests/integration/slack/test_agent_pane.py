"""The agent pane and the sessions of threads, against the local workspace: shown, ended, and never in a turn's way."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from agent.notice import Notice
from agent.turn import Answer, Progress, Step
from bot.home.pane import Prompts
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.slack.client import PatientClient, open_client
from bot.slack.panes import SlackPanes
from bot.slack.session_presenter import SessionPresenter
from bot.slack.sessions import Sessions
from bot.surface import Draft, Place
from tests.checked_workspace import CheckedWorkspace

RUN = Progress(Step.RUN, "running")


class PlainDraft:
    async def show(self, progress: Progress) -> None: ...
    async def finish(self, answer: Answer, seconds: float | None) -> None: ...
    async def say(self, *notices: Notice) -> None: ...
    async def help(self) -> None: ...


class PlainPresenter:
    """A reply that stands already."""

    @asynccontextmanager
    async def open(self, place: Place, *, may_exist: bool) -> AsyncGenerator[Draft]:
        yield PlainDraft()


@asynccontextmanager
async def slack() -> AsyncGenerator[tuple[Workspace, PatientClient]]:
    async with CheckedWorkspace().serving() as workspace, open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        yield workspace, client


def place(ts: str | None, channel: str = "D0ANA", title: str = "How many\norders?") -> Place:
    return Place("t1", "c", channel, None, "U0ANA", 0.0, "en", said_at=ts, title=title)


async def test_a_session_works_says_how_far_it_is_and_rests() -> None:
    async with slack() as (workspace, client):
        ts = await workspace.post("U0ANA", "D0ANA", "How many orders?")
        sessions, statuses = workspace.room.sessions, workspace.room.statuses
        async with SessionPresenter(PlainPresenter(), Sessions(client)).open(place(ts), may_exist=False) as draft:
            await workspace.wait_for(lambda: sessions.get(("D0ANA", ts)))
            assert sessions["D0ANA", ts] == {"status": "processing", "title": "How many orders?"}
            await draft.show(RUN)
            await workspace.wait_for(lambda: statuses.get(("D0ANA", ts)) == "is running the query…")
        assert sessions["D0ANA", ts]["status"] == "active"
        assert statuses == {}


async def test_a_turn_that_is_to_be_tried_again_goes_on_in_its_session() -> None:
    async with slack() as (workspace, client):
        ts = await workspace.post("U0ANA", "D0ANA", "How many orders?")

        async def fail() -> None:
            async with SessionPresenter(PlainPresenter(), Sessions(client)).open(place(ts), may_exist=False):
                await workspace.wait_for(lambda: workspace.room.sessions)
                raise ConnectionError("BigQuery is away")

        with pytest.raises(ConnectionError):
            await fail()
        assert workspace.room.sessions["D0ANA", ts]["status"] == "processing"


async def test_an_app_that_is_no_agent_is_answered_all_the_same_and_asks_no_more() -> None:
    async with slack() as (workspace, client):
        ts = await workspace.post("U0ANA", "D0ANA", "How many orders?")
        workspace.fail_next("agents.sessions.setStatus", "missing_scope")
        presenter = SessionPresenter(PlainPresenter(), Sessions(client))
        async with presenter.open(place(ts), may_exist=False):
            await workspace.wait_for(lambda: workspace.calls_of("agents.sessions.setStatus"))
        async with presenter.open(place(ts), may_exist=False) as draft:
            await draft.show(RUN)
        assert workspace.room.statuses == workspace.room.sessions == {}


async def test_what_nobody_typed_has_no_session() -> None:
    async with slack() as (workspace, client):
        async with SessionPresenter(PlainPresenter(), Sessions(client)).open(place(None), may_exist=False):
            pass
        assert workspace.calls == []


async def test_the_pane_offers_four_at_most_each_once() -> None:
    async with slack() as (workspace, client):
        offered = ("one?", "three?", "four?", "five?")
        await SlackPanes(client).suggest("D0ANA", Prompts("en", ("one?", "t" * 150), offered))
        prompts = workspace.room.prompts["D0ANA"]
        assert prompts["title"] == "Hello! What would you like to know?"
        assert [p["message"] for p in prompts["prompts"]] == ["one?", "t" * 150, "three?", "four?"]
        assert len(prompts["prompts"][1]["title"]) <= 75
        await SlackPanes(client).suggest("D0AOI", Prompts("ja", (), ()))
        assert len(workspace.room.prompts["D0AOI"]["prompts"]) == 2
        workspace.fail_next("assistant.threads.setSuggestedPrompts", "not_an_agent")
        await SlackPanes(client).suggest("D0ANA", Prompts("en", (), ("six?",)))
        assert "six?" not in str(workspace.room.prompts)
