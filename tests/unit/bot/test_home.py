"""What a person's Home holds, what can be decided on it, and that no part keeps the others from being shown."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from agent.notice import Notice
from agent.policy.approvals import ApprovalRequest, ApprovalState
from agent.policy.budget import Budget, Period, Scope, Standing
from agent.policy.deciders import Deciders
from agent.spend import Amount, Payers
from agent.turn import Member, Preferences
from bot.approvals.decisions import DecisionService
from bot.home.connections import REMEMBERED_SECONDS, ConnectionsView
from bot.home.contents import Home, RecentQuestion
from bot.home.service import HomeService, HomeSources
from bot.home.settings import SettingsService
from bot.inbox.items import HomeDecision, HomeOpened, SettingsChosen, SettingsOpened
from bot.preferences import PeopleWithPreferences
from bot.replies import Reply
from bot.surface import Person
from tests.fakes.approvals import FakeApprovals
from tests.fakes.inbox import FakeInbox
from tests.fakes.preferences import FakePreferences
from tests.fakes.replies import FakeReplies
from tests.fakes.rooms import FakeRooms

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ANA, BOSS = Member("U_ANA"), Member("U_BOSS", groups=frozenset({"finance"}))
COMMON: dict[str, Any] = {"conversation": "control:home:T1:U", "spoken_at": Decimal(1), "team": "T1", "channel": "D1"}
QUESTION = RecentQuestion("How many orders?", NOW, "C1", "1.5")


class Slack:
    async def find(self, user: str) -> Person:
        return Person("ko-KR")


class Asked:
    """Questions and budgets."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.payers: list[Payers] = []

    async def recent(self, user: str, limit: int) -> tuple[RecentQuestion, ...]:
        if self.error is not None:
            raise self.error
        return (QUESTION,)

    async def standings(self, payers: Payers, at: datetime) -> tuple[Standing, ...]:
        self.payers.append(payers)
        budget = Budget(Scope.USER, "*", Period.DAY, limit_bytes=100, limit_usd=None)
        return (Standing(budget, payers.user, Amount(40), Amount(), "tomorrow"),)


class Tabs:
    def __init__(self) -> None:
        self.published: list[tuple[str, Home]] = []

    async def publish(self, user: str, home: Home) -> None:
        self.published.append((user, home))


class Whispers:
    async def whisper(self, *words: object, **more: object) -> None:
        raise AssertionError("what is done on the Home tab is told on the Home tab")


class Bench:
    def __init__(self) -> None:
        self.approvals, self.inbox, self.asked, self.tabs = FakeApprovals(lambda: NOW), FakeInbox(), Asked(), Tabs()
        self.preferences, replies = FakePreferences(), FakeReplies()
        replies.rows["t1"] = Reply("t1", "T1:C1:1.0", "C1", "1.0", ts="1.7")
        people = PeopleWithPreferences(Slack(), self.preferences)
        rooms = FakeRooms(people={member.user: member for member in (ANA, BOSS, Member("U_OTHER"))})
        decisions = DecisionService(
            approvals=self.approvals,
            replies=replies,
            inbox=self.inbox,
            rooms=rooms,
            people=people,
            whispers=Whispers(),
        )
        connections = ConnectionsView(project="p", model="m", ask_warehouse=self._warehouse)
        sources = HomeSources(self.asked, self.approvals, self.asked, connections, people, rooms, replies)
        self.home = HomeService(
            sources=sources,
            tabs=self.tabs,
            approvals=self.approvals,
            decisions=decisions,
            preferences=self.preferences,
            now=lambda: NOW,
        )

    async def _warehouse(self) -> None: ...

    async def ask(self, turn: str = "t1", *, deciders: Deciders | None = None) -> str:
        return await self.approvals.request(
            ApprovalRequest(
                turn_id=turn,
                conversation="T1:C1:1.0",
                requester="U_ANA",
                question="revenue?",
                sql="SELECT 1",
                fingerprint="f",
                tables=("p.d.t",),
                bytes_ceiling=10,
                cost_ceiling_usd=1.0,
                reasons=(),
                expires_at=NOW + timedelta(hours=1),
                deciders=deciders or Deciders(),
            )
        )

    async def seen_by(self, user: str) -> Home:
        await self.home.run(HomeOpened(dedupe_key="event:1", user=user, **COMMON))
        assert self.tabs.published[-1][0] == user
        return self.tabs.published[-1][1]

    async def press(self, approval_id: str, user: str, *, key: str = "click:1", approve: bool = True) -> Home:
        item = HomeDecision(dedupe_key=key, approve=approve, approval_id=approval_id, user=user, **COMMON)
        await self.home.run(item)
        return self.tabs.published[-1][1]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_home_holds_what_concerns_its_person(bench: Bench) -> None:
    await bench.ask("t1", deciders=Deciders(named=("finance",), requester_may=False))
    await bench.ask("t2")
    boss, ana, other = [await bench.seen_by(user) for user in ("U_BOSS", "U_ANA", "U_OTHER")]
    assert [(one.approval.id, one.may_decide, one.channel, one.ts) for one in boss.waiting or ()] == [
        ("approval-1", True, "C1", "1.7")
    ]
    assert [(one.approval.id, one.may_decide) for one in ana.waiting or ()] == [
        ("approval-1", False),
        ("approval-2", True),
    ]
    assert other.waiting == ()
    assert (ana.language, ana.questions, ana.channel) == ("ko", (QUESTION,), "D1")
    assert [notice.code for notice in ana.budget or ()] == ["budget.line_bytes"]
    assert bench.asked.payers[0] == Payers("T1", "U_BOSS", "D1", BOSS.groups)
    assert [notice.code for notice in ana.connections] == ["home.warehouse_up", "home.model"]


async def test_a_part_that_cannot_be_read_says_so_and_the_rest_is_shown(bench: Bench) -> None:
    bench.asked.error = ConnectionError("Postgres is away")
    home = await bench.seen_by("U_ANA")
    assert home.questions is None
    assert home.budget


async def test_a_press_on_the_home_tab_decides_is_carried_out_and_told_there(bench: Bench) -> None:
    approval = await bench.ask(deciders=Deciders(named=("U_BOSS",)))
    home = await bench.press(approval, "U_BOSS")
    assert home.told == (Notice("approval.granted", {"by": "U_BOSS"}),)
    assert home.waiting == ()
    assert [item.kind for item in bench.inbox.items] == ["card", "turn"]
    # Delivered again after a crash: it is the first press still, and nothing happens twice.
    home = await bench.press(approval, "U_BOSS")
    assert home.told == (Notice("approval.granted", {"by": "U_BOSS"}),)
    assert len({item.dedupe_key for item in bench.inbox.items}) == 2
    home = await bench.press(approval, "U_ANA", key="click:2", approve=False)
    assert home.told[0].code == "approval.already_decided"


async def test_an_approval_that_is_not_shown_to_somebody_is_not_theirs_to_press(bench: Bench) -> None:
    approval = await bench.ask()
    home = await bench.press(approval, "U_OTHER")
    assert home.told == (Notice("approval.unknown"),)
    assert cast(Any, await bench.approvals.get(approval)).state is ApprovalState.PENDING
    assert bench.inbox.items == []


async def test_what_was_chosen_is_kept_and_shown_at_once(bench: Bench) -> None:
    chosen = Preferences(language="ja", time_zone="Asia/Tokyo")
    await bench.home.run(SettingsChosen(dedupe_key="submit:1", user="U_ANA", preferences=chosen, **COMMON))
    (_, home), *_ = bench.tabs.published
    assert (home.language, home.preferences) == ("ja", chosen)
    assert bench.preferences.rows == {"U_ANA": chosen}


async def test_who_pressed_something_that_was_given_up_is_told(bench: Bench) -> None:
    item = HomeDecision(dedupe_key="k", approve=True, approval_id="a", user="U_ANA", **COMMON)
    await bench.home.give_up(item)
    assert bench.tabs.published[0][1].told == (Notice("home.not_changed"),)
    await bench.home.give_up(HomeOpened(dedupe_key="k", user="U_ANA", **COMMON))
    assert len(bench.tabs.published) == 1


async def test_the_warehouse_is_asked_once_in_a_while_and_its_silence_is_no_error() -> None:
    asked: list[float] = []
    clock = [0.0]

    async def ask() -> None:
        asked.append(clock[0])
        if len(asked) == 2:
            raise ConnectionError("BigQuery is away")

    view = ConnectionsView(project="p", model="m", ask_warehouse=ask, clock=lambda: clock[0])
    codes = [(await view.look())[0].code, (await view.look())[0].code]
    clock[0] = REMEMBERED_SECONDS
    codes.append((await view.look())[0].code)
    assert codes == ["home.warehouse_up", "home.warehouse_up", "home.warehouse_down"]
    assert asked == [0.0, REMEMBERED_SECONDS]


async def test_the_settings_are_filled_with_what_was_chosen() -> None:
    class Views:
        def __init__(self) -> None:
            self.shown: list[tuple[object, ...]] = []

        async def fill(self, *what: object) -> None:
            self.shown.append(what)

        async def say_failed(self, *what: object) -> None:
            self.shown.append(("failed", *what))

    views, store = Views(), FakePreferences()
    store.rows["U1"] = Preferences(shown_as="pie")
    service = SettingsService(preferences=store, views=views)
    item = SettingsOpened(
        dedupe_key="k", conversation="c", spoken_at=Decimal(1), view_id="V", view_hash="h", channel="D1", user="U1"
    )
    await service.run(item)
    await service.give_up(item)
    assert views.shown == [("V", "h", "D1", Preferences(shown_as="pie"), "en"), ("failed", "V", "h", "en")]
