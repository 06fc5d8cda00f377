"""The Home tab through the whole daemon: what waits is decided there, settings are chosen there, both take effect."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes.block_kit import check_home, check_modal
from tests.scenario.house import House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION, ANSWER = "How many orders were placed in 2025?", "2,442"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    free = {"BIGQUERY_AUTO_EXECUTE_MAX_COST_USD": "0"}
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **free) as house:
        await house.start_daemon()
        yield house


def home_of(house: House, user: str, *words: str) -> dict[str, Any] | None:
    """*user*'s Home tab, once it says all of *words*."""
    home = house.workspace.room.views.homes.get(user)
    return home if home is not None and all(word in str(home["blocks"]) for word in words) else None


async def test_what_waits_is_decided_on_the_home_tab_and_answered_where_it_was_asked(house: House):
    workspace = house.workspace
    await workspace.open_home("U0ANA")
    home = await house.until(lambda: home_of(house, "U0ANA", "You have not asked anything yet", "BigQuery"))
    check_home(home)

    thread = await house.ask(QUESTION)
    await house.answered(thread)
    await workspace.open_home("U0ANA")
    home = await house.until(lambda: home_of(house, "U0ANA", QUESTION, "home_approve", "|How many orders"))
    check_home(home)
    await workspace.open_home("U0MINSU")
    await house.until(lambda: home_of(house, "U0MINSU", "최근 질문"))
    assert QUESTION not in str(home_of(house, "U0MINSU"))

    await workspace.click_in_view("U0ANA", home["id"], "home_approve")
    await house.until(lambda: [m for m in workspace.answers("C0GENERAL", thread) if ANSWER in m["text"]])
    home = await house.until(lambda: home_of(house, "U0ANA", "Approved by <@U0ANA>"))
    assert "home_approve" not in str(home)


async def test_settings_are_filled_saved_and_honoured(house: House):
    workspace = house.workspace
    await workspace.open_home("U0AOI")
    home = await house.until(lambda: home_of(house, "U0AOI", "あなたの設定"))
    await workspace.click_in_view("U0AOI", home["id"], "settings")
    modal = await house.until(lambda: [m for m in workspace.modals("U0AOI") if m["submit"]])
    check_modal(modal[0])
    chosen = {"language:ja": "ko", "time_zone:ja": "Asia/Seoul", "shown_as:ja": "automatic"}
    values = {
        block: {"choice": {"type": "static_select", "selected_option": {"value": value}}}
        for block, value in chosen.items()
    }
    await workspace.submit("U0AOI", modal[0]["id"], values)
    home = await house.until(lambda: home_of(house, "U0AOI", "내 설정", "Asia/Seoul"))
    # Closed by the ack, which may come after the Home tab: what was stored is carried out at once.
    await house.until(lambda: not workspace.modals("U0AOI"))

    thread = await house.ask(QUESTION, user="U0AOI")
    (card,) = await house.answered(thread)
    assert "이 쿼리의 비용은" in card["text"]


async def test_the_pane_offers_what_was_asked_and_its_session_ends_with_the_answer(house: House):
    workspace = house.workspace
    ts = await workspace.post("U0MINSU", "D0MINSU", QUESTION)
    await house.until(lambda: workspace.room.sessions.get(("D0MINSU", ts), {}).get("status") == "active")
    assert workspace.room.sessions["D0MINSU", ts]["title"] == QUESTION
    assert workspace.room.statuses == {}
    await workspace.open_home("U0MINSU", "messages")
    offered = await house.until(lambda: workspace.room.prompts.get("D0MINSU"))
    assert offered["title"] == "안녕하세요! 무엇을 알고 싶으세요?"
    assert offered["prompts"][0]["message"] == QUESTION
    assert len(offered["prompts"]) == 3
