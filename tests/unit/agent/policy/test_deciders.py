"""Who may say yes, and to what."""

import pytest

from agent.notice import Notice
from agent.policy.deciders import ApprovalRules, Deciders, deciders_of, speaker_in
from agent.turn import Audience, Member

ASKER, OTHER = Member("U1"), Member("U2")
IN_FINANCE = Member("U3", frozenset({"S0FIN", "finance"}))
GUEST, PARTNER = Member("U4", is_guest=True), Member("U5", is_external=True)


@pytest.mark.parametrize(
    ("deciders", "may"),
    [
        (Deciders(), {"U1", "U2", "U3"}),
        (Deciders(requester_may=False), {"U2", "U3"}),
        (Deciders(four_eyes=True), {"U2", "U3"}),
        (Deciders(named=("U2",)), {"U1", "U2"}),
        (Deciders(named=("finance",), requester_may=False), {"U3"}),
        (Deciders(named=("S0FIN",), four_eyes=True), {"U3"}),
        (Deciders(named=("U1",), requester_may=False), {"U1"}),
        (Deciders(named=("U1", "U2"), four_eyes=True), {"U2"}),
        (Deciders(named=("U2",), budget_owner="U4", four_eyes=True), {"U2", "U4"}),
        (Deciders(named=("U5",)), {"U1", "U5"}),
    ],
)
def test_who_may_decide(deciders: Deciders, may: set[str]) -> None:
    people = (ASKER, OTHER, IN_FINANCE, GUEST, PARTNER)
    assert {person.user for person in people if deciders.allow(person, requester="U1")} == may


def test_a_guest_decides_on_nothing_not_even_their_own() -> None:
    assert not Deciders().allow(GUEST, requester=GUEST.user)
    assert not Deciders().allow(PARTNER, requester=PARTNER.user)
    assert Deciders(named=("U4",)).allow(GUEST, requester=GUEST.user)


def test_from_the_threshold_on_somebody_else_decides() -> None:
    rules = ApprovalRules(approvers=("@finance",), four_eyes_cost_usd=5.0)
    assert deciders_of(rules, 4.99, ()) == Deciders(named=("finance",))
    assert deciders_of(rules, 5.0, ()) == Deciders(named=("finance",), four_eyes=True)


def test_beyond_a_budget_it_takes_its_owners_word_or_a_named_persons_and_never_the_askers() -> None:
    exceeded = Notice("approval.budget_usd", {"budget": "user U1 day", "owner": "U2"})
    owned = deciders_of(ApprovalRules(), 0.5, (exceeded,))
    assert owned == Deciders(requester_may=False, budget_owner="U2")
    assert [owned.allow(person, requester="U1") for person in (ASKER, OTHER, IN_FINANCE)] == [False, True, False]
    nobodys = deciders_of(ApprovalRules(), 0.5, (Notice("approval.budget_usd", {"budget": "b", "owner": ""}),))
    assert [nobodys.allow(person, requester="U1") for person in (ASKER, OTHER)] == [False, True]
    their_own = deciders_of(ApprovalRules(), 0.5, (Notice("approval.budget_usd", {"budget": "b", "owner": "U1"}),))
    assert their_own.allow(ASKER, requester="U1")


def test_whom_nobody_knows_in_a_shared_room_is_a_stranger() -> None:
    assert speaker_in(Audience("channel", "C1", asker=IN_FINANCE), "U3") == IN_FINANCE
    assert not Deciders().allow(speaker_in(Audience("channel", "C1", external=True), "U2"), requester="U1")
