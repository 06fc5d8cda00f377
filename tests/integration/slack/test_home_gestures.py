"""What is pressed and submitted on the Home tab: stored before the ack, and told where it cannot be."""

from typing import Any

from agent.turn import Preferences
from bot.home.contents import Home
from bot.inbox.items import HomeDecision, HomeOpened, PaneOpened, SettingsChosen, SettingsOpened
from bot.local.slack.people import dm_of
from bot.slack.messages.home import render_home
from bot.slack.modals.settings import settings_view
from tests.checked_workspace import CheckedWorkspace
from tests.integration.slack.socket_bench import Bench, connected

APPROVE = {
    "type": "actions",
    "block_id": "home-0:en",
    "elements": [
        {"type": "button", "action_id": "home_approve", "text": {"type": "plain_text", "text": "Yes"}, "value": "a1"}
    ],
}


def published(bench: Bench, user: str = "U0ANA") -> str:
    """A Home tab with a query that waits; the view's id."""
    home = Home(dm_of(user), "en", Preferences(), (), (), (), (), ())
    view = render_home(home, {})
    return str(bench.workspace.room.views.publish(user, view | {"blocks": [APPROVE, *view["blocks"]]})["id"])


async def acked(bench: Bench, envelope: Any) -> Any:
    await bench.workspace.wait_for(lambda: envelope.acks)
    return envelope.acks[0].payload or {}


async def test_both_tabs_and_a_press_are_stored_before_their_acks() -> None:
    async with connected(CheckedWorkspace()) as bench:
        view = published(bench)
        await acked(bench, await bench.workspace.open_home("U0ANA"))
        await acked(bench, await bench.workspace.open_home("U0ANA", "messages"))
        await acked(bench, await bench.workspace.click_in_view("U0ANA", view, "home_approve"))
    assert [type(item) for item in bench.inbox.items] == [HomeOpened, PaneOpened, HomeDecision]
    opened, _, pressed = bench.inbox.items
    assert isinstance(pressed, HomeDecision)
    assert (pressed.approval_id, pressed.approve, pressed.channel) == ("a1", True, "D0ANA")
    assert opened.conversation == pressed.conversation == "control:home:T0LOCAL:U0ANA"


async def test_a_press_that_cannot_be_stored_is_told_in_the_direct_message() -> None:
    async with connected(CheckedWorkspace()) as bench:
        view = published(bench)
        bench.inbox.failures = 1
        await acked(bench, await bench.workspace.click_in_view("U0ANA", view, "home_approve"))
        assert bench.workspace.whispers("U0ANA")[0]["channel"] == "D0ANA"
        assert bench.inbox.items == []


async def test_the_settings_open_empty_with_an_item_that_fills_this_version_of_them() -> None:
    async with connected(CheckedWorkspace()) as bench:
        view = published(bench)
        await acked(bench, await bench.workspace.click_in_view("U0ANA", view, "settings"))
        (modal,) = bench.workspace.modals("U0ANA")
        (item,) = bench.inbox.items
        assert isinstance(item, SettingsOpened)
        assert (item.view_id, item.view_hash, item.channel) == (modal["id"], modal["hash"], "D0ANA")

        bench.inbox.failures = 1
        await acked(bench, await bench.workspace.click_in_view("U0ANA", view, "settings"))
        assert "could not be looked up" in str(bench.workspace.modals("U0ANA")[0]["blocks"])


async def test_settings_that_cannot_be_stored_stay_open_and_say_so() -> None:
    async with connected(CheckedWorkspace()) as bench:
        form = settings_view("D0ANA", Preferences(time_zone="Asia/Seoul"), "en")
        modal = bench.workspace.room.views.open("U0ANA", form)
        bench.inbox.failures = 1
        refused = await acked(bench, await bench.workspace.submit("U0ANA", modal["id"]))
        assert refused["response_action"] == "errors"
        assert list(refused["errors"]) == ["language:en"]
        assert await acked(bench, await bench.workspace.submit("U0ANA", modal["id"])) == {}
        (item,) = bench.inbox.items
        assert isinstance(item, SettingsChosen)
        assert item.preferences == Preferences(time_zone="Asia/Seoul")
        assert bench.workspace.modals("U0ANA") == []
