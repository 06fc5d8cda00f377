"""The Home tab and its settings as Slack gets them: whole, within its limits, in three languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.notice import Notice
from agent.policy.approvals import Approval, ApprovalRequest, ApprovalState
from agent.turn import Language, Preferences
from bot.home.contents import Home, OpenApproval, RecentQuestion
from bot.i18n.catalogue import LANGUAGES
from bot.slack.fields import ParseError
from bot.slack.messages.home import places_in, render_home
from bot.slack.modals.settings import chosen_in, failed_settings, loading_settings, settings_view
from bot.slack.time_zones import ZONES
from tests.fakes.block_kit import check_home, check_modal

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def approval(number: int, question: str = "revenue?", sql: str = "SELECT 1") -> Approval:
    request = ApprovalRequest(
        turn_id=f"t{number}",
        conversation="T1:C1:1.0",
        requester="U2",
        question=question,
        sql=sql,
        fingerprint="f",
        tables=("p.d.t",),
        bytes_ceiling=10,
        cost_ceiling_usd=12.5,
        reasons=(),
        expires_at=AT + timedelta(hours=1),
    )
    return Approval(f"a{number}", request, ApprovalState.PENDING)


HOME = Home(
    channel="D1",
    language="en",
    preferences=Preferences(),
    told=(),
    questions=(RecentQuestion("How many <!channel> orders | today?", AT, "C1", "1.5"),),
    waiting=(OpenApproval(approval(1), may_decide=True, channel="C1", ts="1.7"),),
    budget=(),
    connections=(Notice("home.warehouse_up", {"project": "p"}),),
)
NOTHING = replace(HOME, questions=(), waiting=(), budget=(), told=())
AWAY = replace(HOME, questions=None, waiting=None, budget=None)
CROWDED = replace(
    HOME,
    told=(Notice("approval.unknown"),),
    questions=tuple(RecentQuestion("q" * 5000, AT, "C1", str(n)) for n in range(5)),
    waiting=tuple(OpenApproval(approval(n, "<" * 5000, "<" * 5000), may_decide=True) for n in range(40)),
    budget=tuple(Notice("budget.none") for _ in range(60)),
)


def texts(view: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in view["blocks"] if "text" in block)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("home", [HOME, NOTHING, AWAY, CROWDED], ids=["home", "nothing", "away", "crowded"])
def test_every_home_is_one_that_slack_takes(home: Home, language: Language) -> None:
    check_home(render_home(replace(home, language=language), {}))


def test_what_somebody_asked_is_text_and_the_link_goes_where_it_was_answered() -> None:
    assert places_in(HOME) == [("C1", "1.5"), ("C1", "1.7")]
    shown = texts(render_home(HOME, {("C1", "1.5"): "https://slack.example/p15"}))
    assert "• <https://slack.example/p15|How many &lt;!channel&gt; orders / today?> · <!date^" in shown


def test_dates_are_in_the_zone_somebody_chose() -> None:
    seoul = replace(HOME, preferences=Preferences(time_zone="Asia/Seoul"))
    shown = texts(render_home(seoul, {}))
    assert "2026-01-05 18:30" in shown
    assert "up to $12.50 · Until: 2026-01-05 19:30" in shown
    assert "Time zone: *Asia/Seoul*" in shown


def test_only_who_may_decide_has_buttons_and_reads_the_sql() -> None:
    actions = [b for b in render_home(HOME, {})["blocks"] if b["type"] == "actions"]
    assert [e["action_id"] for e in actions[0]["elements"]] == ["home_approve", "home_cancel"]
    own = replace(HOME, waiting=(OpenApproval(approval(1), may_decide=False),))
    assert "home_approve" not in str(render_home(own, {}))
    assert "SELECT 1" not in str(render_home(own, {}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_are_a_form_that_slack_takes_and_come_back_as_they_were_shown(language: Language) -> None:
    chosen = Preferences(language="ja", time_zone="Asia/Tokyo", shown_as="bar")
    view = settings_view("D1", chosen, language)
    for shown in (view, loading_settings("D1", language), failed_settings(language)):
        check_modal(shown)
    assert (chosen_in(submitted(view)), view["private_metadata"]) == ((chosen, language), "D1")
    assert chosen_in(submitted(settings_view("D1", Preferences(), language))) == (Preferences(), language)


def test_a_choice_that_was_not_offered_is_refused() -> None:
    view = submitted(settings_view("D1", Preferences(), "en"))
    view["state"]["values"]["time_zone:en"]["choice"]["selected_option"]["value"] = "'); DROP TABLE x"
    with pytest.raises(ParseError):
        chosen_in(view)


def test_every_zone_exists() -> None:
    from zoneinfo import ZoneInfo

    assert all(ZoneInfo(zone).key == zone for zone in ZONES)
    assert len(ZONES) == len(set(ZONES)) < 99


def submitted(view: dict[str, Any]) -> dict[str, Any]:
    """As Slack sends it when nothing was touched."""
    values = {
        block["block_id"]: {
            "choice": {"type": "static_select", "selected_option": dict(block["element"]["initial_option"])}
        }
        for block in view["blocks"]
    }
    return {**view, "id": "V1", "hash": "h", "state": {"values": values}}
