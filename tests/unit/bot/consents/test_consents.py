"""Answers in a channel of two companies: nothing before a colleague has allowed it, once."""

from decimal import Decimal

import pytest

from agent.turn import Language, Member
from bot.consents.gate import ConsentGate
from bot.consents.service import ConsentService
from bot.inbox.items import ConsentGiven, TurnRequested
from bot.surface import Place
from tests.fakes.consents import FakeConsentRequests, FakeConsents
from tests.fakes.inbox import FakeInbox
from tests.fakes.noticeboard import FakeNoticeboard
from tests.fakes.rooms import FakeRooms
from tests.fakes.whispers import FakeWhispers
from tests.inbox_items import turn

PLACE = Place("q", "T1:C1:1.0", "C1", "1.0", "U1", 1.0, "ko")
ANA = Member("U1", frozenset({"data-team"}))
PEOPLE = (ANA, Member("U2"), Member("U8", is_guest=True), Member("U9", is_external=True))


class FakeFaces:
    def __init__(self) -> None:
        self.shown: list[tuple[str, str, str, Language]] = []

    async def show(self, channel: str, ts: str, given_by: str, language: Language) -> None:
        self.shown.append((channel, ts, given_by, language))


class Desk:
    def __init__(self, *named: str) -> None:
        self.consents, self.requests = FakeConsents(), FakeConsentRequests()
        self.rooms = FakeRooms({"C1": PEOPLE, "C2": (ANA,)}, people={"U7": Member("U7")}, shared={"C1"})
        self.board = FakeNoticeboard()
        self.inbox, self.faces, self.whispers = FakeInbox(), FakeFaces(), FakeWhispers()
        self.gate = ConsentGate(consents=self.consents, rooms=self.rooms, requests=self.requests)
        self.service = ConsentService(
            consents=self.consents,
            inbox=self.inbox,
            rooms=self.rooms,
            faces=self.faces,
            whispers=self.whispers,
            board=self.board,
            named=named,
        )

    async def press(self, user: str, turn_id: str = "q") -> None:
        await self.service.run(
            ConsentGiven(
                dedupe_key="click:1",
                conversation="control:consent",
                spoken_at=Decimal(2),
                turn_id=turn_id,
                channel="C1",
                thread_ts="1.0",
                card_ts="1.5",
                user=user,
                language="ko",
            )
        )


def asked(**fields: object) -> TurnRequested:
    return turn("q").model_copy(update=fields)


@pytest.mark.parametrize("external", [True, None])
async def test_a_shared_channel_is_closed_until_somebody_allows_it(external: bool | None) -> None:
    desk = Desk()
    assert not await desk.gate.lets_through(asked(external=external))
    await desk.consents.give("C1", "U1")
    assert await desk.gate.lets_through(asked(external=external))


@pytest.mark.parametrize(
    "item",
    [
        asked(external=False),
        asked(channel="C2", external=None),
        asked(channel="C404", external=None),
        asked(channel="D9", surface="dm", external=True),
    ],
)
async def test_a_channel_of_our_own_needs_no_consent(item: TurnRequested) -> None:
    assert await Desk().gate.lets_through(item)


async def test_consent_is_asked_for_in_place_of_an_answer() -> None:
    desk = Desk()
    await desk.gate.ask(PLACE, may_exist=True)
    assert desk.requests.posted == [("q", True)]


async def test_consent_lets_the_waiting_question_go_as_who_asked_it_and_once() -> None:
    desk = Desk()
    await desk.inbox.put(asked())
    await desk.press("U2")
    await desk.press("U1")
    assert desk.consents.given == {"C1": "U2"}
    assert desk.faces.shown == [("C1", "1.5", "U2", "ko")] * 2
    first, again = desk.inbox.items
    assert [(n.code, n.params["by"]) for n in desk.board.posted] == [("board.consent", "U2")]
    assert again == first.model_copy(update={"dedupe_key": "consented:q"})


@pytest.mark.parametrize("user", ["U8", "U9", "U7", "U404"])
async def test_guests_strangers_and_people_from_outside_of_the_channel_may_not(user: str) -> None:
    desk = Desk()
    await desk.inbox.put(asked())
    await desk.press(user)
    assert (desk.consents.given, desk.faces.shown, len(desk.inbox.items)) == ({}, [], 1)
    assert desk.whispers.said == [("C1", user, "consent.not_yours", "ko")]


async def test_where_people_are_named_only_they_may() -> None:
    desk = Desk("data-team")
    await desk.press("U2")
    assert desk.consents.given == {}
    await desk.press("U1")
    assert desk.consents.given == {"C1": "U1"}


async def test_a_button_that_names_a_turn_of_another_channel_asks_nothing_there() -> None:
    desk = Desk()
    await desk.inbox.put(asked(channel="C2"))
    await desk.press("U1")
    await desk.press("U1", turn_id="gone")
    assert len(desk.inbox.items) == 1
