"""Who may read what in which room: a table of cases, and what holds for every room."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.policy.grants import AccessPolicy, Treatment, datasets_for_everyone
from agent.policy.policy_file import read_policy
from agent.policy.rights import Rights, rights_of_turn
from agent.sql.names import TableName
from agent.turn import Actor, Audience, Member

POLICY = read_policy(
    """
version: 1
largest_channel: 5
tags:
  personal:
    columns: [email, "*_phone", "shop.users:name", "web.events_*:device.advertising_id"]
    policy_tags: "projects/demo/*"
grants:
  - {to: [everyone], read: [shop, "web.events_*"], tags: {personal: mask}}
  - {to: ["group:finance"], read: [finance], except: ["finance.payroll_*"]}
  - {to: ["group:finance"], in: [dm], read: [finance.payroll_2025]}
  - {to: ["user:UHR"], read: [hr], tags: {personal: show}}
  - {to: [dm], read: [shop], tags: {personal: show}}
  - {to: ["channel:growth"], read: [{table: crm.leads, columns: [id, country]}]}
  - {to: ["channel:C0EXT"], external: true, read: [{table: shop.products, except_columns: [cost]}]}
  - {to: ["user:UGUEST"], read: [shop.products]}
""",
    "p",
)
ANN, FIN, HR = Member("UANN"), Member("UFIN", frozenset({"S1", "finance"})), Member("UHR")
GUEST, PARTNER = Member("UGUEST", is_guest=True), Member("UPARTNER", frozenset({"finance"}), is_external=True)

ORDERS, PRODUCTS, USERS = (
    TableName("p", "shop", "orders"),
    TableName("p", "shop", "products"),
    TableName("p", "shop", "users"),
)
LEDGER, PAYROLL = TableName("p", "finance", "ledger"), TableName("p", "finance", "payroll_2025")
STAFF, LEADS = TableName("p", "hr", "staff"), TableName("p", "crm", "leads")
FIN_ALONE = {"orders", "products", "ledger", "payroll_2025"}
ALL = (ORDERS, PRODUCTS, LEDGER, PAYROLL, STAFF, LEADS)


def room(*members: Member, channel: str = "C1", name: str = "", external: bool = False) -> Audience:
    return Audience("channel", channel, external, members or None, name)


def dm(member: Member) -> Audience:
    return Audience("asker", "D1", members=(member,))


def readable(rights: Rights) -> set[str]:
    return {table.table for table in ALL if rights.may_read(table)}


@pytest.mark.parametrize(
    ("asker", "audience", "in_the_room", "alone"),
    [
        (ANN, dm(ANN), {"orders", "products"}, {"orders", "products"}),
        (FIN, dm(FIN), FIN_ALONE, FIN_ALONE),
        (HR, dm(HR), {"orders", "products", "staff"}, {"orders", "products", "staff"}),
        (GUEST, dm(GUEST), {"products"}, {"products"}),
        (PARTNER, dm(PARTNER), set(), set()),
        (FIN, room(FIN), {"orders", "products", "ledger"}, FIN_ALONE),
        (FIN, room(FIN, ANN), {"orders", "products"}, FIN_ALONE),
        (ANN, room(FIN, ANN), {"orders", "products"}, {"orders", "products"}),
        (ANN, room(FIN, ANN, HR), {"orders", "products"}, {"orders", "products"}),
        (ANN, room(ANN, FIN, name="growth"), {"orders", "products", "leads"}, {"orders", "products", "leads"}),
        (ANN, room(name="growth"), {"orders", "products", "leads"}, {"orders", "products", "leads"}),
        (ANN, room(), {"orders", "products"}, {"orders", "products"}),
        (HR, room(*[HR] * 6), {"orders", "products"}, {"orders", "products", "staff"}),
        # outsiders
        (ANN, room(ANN, GUEST, external=True), {"products"}, {"orders", "products"}),
        (ANN, room(ANN, PARTNER, external=True), set(), {"orders", "products"}),
        (ANN, room(ANN, PARTNER), set(), {"orders", "products"}),
        (ANN, room(ANN, external=True), set(), {"orders", "products"}),
        (ANN, room(external=True), set(), set()),
        (ANN, room(ANN, PARTNER, channel="C0EXT", external=True), {"products"}, {"orders", "products"}),
        (ANN, room(channel="C0EXT", external=True), {"products"}, {"products"}),
        (PARTNER, room(ANN, PARTNER, name="growth", external=True), set(), set()),
        # who speaks is in the room, whatever the list says
        (GUEST, room(ANN), {"products"}, {"products"}),
    ],
)  # fmt: skip
def test_a_room_sees_what_its_least_entitled_member_may_and_the_asker_what_they_may(
    asker: Member, audience: Audience, in_the_room: set[str], alone: set[str]
) -> None:
    if asker is GUEST and audience.kind == "channel" and not audience.external:
        audience = replace(audience, members=(*(audience.members or ()), GUEST))
    rights = rights_of_turn(POLICY, Actor(asker.user, "T"), audience)
    assert (readable(rights.room), readable(rights.asker)) == (in_the_room, alone)


def test_in_a_room_nobody_counted_the_asker_has_the_rights_of_their_groups() -> None:
    audience = replace(room(channel="C1"), asker=FIN)
    rights = rights_of_turn(POLICY, Actor("UFIN", "T"), audience)
    assert readable(rights.room) == {"orders", "products"}
    assert readable(rights.asker) == FIN_ALONE
    stranger = rights_of_turn(POLICY, Actor("UFIN", "T"), replace(audience, asker=ANN))
    assert readable(stranger.asker) == {"orders", "products"}


def test_a_wildcard_is_granted_where_it_lies_wholly_inside() -> None:
    rights = rights_of_turn(POLICY, Actor("UANN", "T"), dm(ANN)).asker
    assert rights.may_read(TableName("p", "web", "events_2025*"))
    assert rights.may_read(TableName("p", "web", "events_20251201"))
    for outside in ("e*", "*", "events", "sessions"):
        assert not rights.may_read(TableName("p", "web", outside))


def test_a_wildcard_that_touches_what_is_left_out_is_not_granted() -> None:
    rights = rights_of_turn(POLICY, Actor("UFIN", "T"), room(FIN)).room
    assert rights.may_read(LEDGER)
    for outside in ("payroll_2024", "payroll_*", "pay*", "*"):
        assert not rights.may_read(TableName("p", "finance", outside))


@pytest.mark.parametrize(
    ("table", "path", "tags", "in_the_room", "alone"),
    [
        (USERS, ("country",), (), Treatment.SHOW, Treatment.SHOW),
        (USERS, ("email",), (), Treatment.MASK, Treatment.SHOW),
        (USERS, ("home_phone",), (), Treatment.MASK, Treatment.SHOW),
        (USERS, ("name",), (), Treatment.MASK, Treatment.SHOW),
        (PRODUCTS, ("name",), (), Treatment.SHOW, Treatment.SHOW),
        (USERS, ("age",), ("projects/demo/x",), Treatment.MASK, Treatment.SHOW),
        (USERS, ("age",), ("projects/other/x",), Treatment.REFUSE, Treatment.REFUSE),  # nobody knows that tag
        (TableName("p", "web", "events_*"), ("device", "advertising_id"), (), Treatment.MASK, Treatment.MASK),
        (TableName("p", "web", "events_*"), ("device", "category"), (), Treatment.SHOW, Treatment.SHOW),
        (LEADS, ("id",), (), Treatment.REFUSE, Treatment.REFUSE),
        (STAFF, ("title",), (), Treatment.REFUSE, Treatment.REFUSE),
    ],
)  # fmt: skip
def test_a_column_is_treated_as_its_tag_and_the_room_say(
    table: TableName, path: tuple[str, ...], tags: tuple[str, ...], in_the_room: Treatment, alone: Treatment
) -> None:
    rights = rights_of_turn(POLICY, Actor("UANN", "T"), room(ANN, FIN))
    assert rights.room.treatment(table, path, tags) == in_the_room
    assert rights.asker.treatment(table, path, tags) == alone


def test_columns_that_a_grant_does_not_list_are_refused() -> None:
    growth = rights_of_turn(POLICY, Actor("UANN", "T"), room(ANN, name="growth")).room
    assert growth.treatment(LEADS, ("country",)) is Treatment.SHOW
    assert growth.treatment(LEADS, ("budget",)) is Treatment.REFUSE
    partners = rights_of_turn(POLICY, Actor("UANN", "T"), room(channel="C0EXT", external=True)).room
    assert partners.treatment(PRODUCTS, ("name",)) is Treatment.SHOW
    assert partners.treatment(PRODUCTS, ("cost",)) is Treatment.REFUSE


def test_without_a_file_every_full_member_reads_the_datasets_but_no_tagged_column() -> None:
    policy = datasets_for_everyone(frozenset({("p", "shop")}))
    for audience in (dm(ANN), room(ANN, FIN), room()):
        rights = rights_of_turn(policy, Actor("UANN", "T"), audience).room
        assert readable(rights) == {"orders", "products"}
        assert rights.treatment(USERS, ("email",), ("projects/p/t",)) is Treatment.REFUSE
        assert rights.may_read(TableName("p", "", "INFORMATION_SCHEMA.SCHEMATA", is_metadata=True))
    for audience in (dm(GUEST), room(ANN, PARTNER), room(external=True)):
        assert rights_of_turn(policy, Actor("UGUEST", "T"), audience).room.is_nothing


def test_a_policy_that_names_no_metadata_shows_none() -> None:
    rights = rights_of_turn(POLICY, Actor("UANN", "T"), dm(ANN)).asker
    assert not rights.may_read(TableName("p", "shop", "INFORMATION_SCHEMA.COLUMNS", is_metadata=True))
    assert not rights.may_read(TableName("p", "", "INFORMATION_SCHEMA.JOBS", is_metadata=True))


members = st.builds(
    Member,
    st.sampled_from(["UANN", "UFIN", "UHR", "UGUEST", "UX"]),
    st.frozensets(st.sampled_from(["finance", "S2"]), max_size=2),
    st.booleans(),
    st.booleans(),
)
rooms = st.lists(members, min_size=1, max_size=5, unique_by=lambda member: member.user)
COLUMNS = [
    (table, path) for table in (*ALL, USERS) for path in (("id",), ("email",), ("name",), ("cost",), ("country",))
]


@settings(max_examples=60)
@given(rooms, members, st.sampled_from(["C1", "C0EXT"]), st.sampled_from(["", "growth"]))
def test_a_further_member_never_widens_what_a_room_sees(
    present: list[Member], further: Member, channel: str, name: str
) -> None:
    actor = Actor(present[0].user, "T")
    wider = tuple({member.user: member for member in (further, *present)}.values())
    before = rights_of_turn(POLICY, actor, room(*present, channel=channel, name=name))
    after = rights_of_turn(POLICY, actor, room(*wider, channel=channel, name=name))
    assert readable(after.room) <= readable(before.room)
    for table, path in COLUMNS:
        assert after.room.treatment(table, path) >= before.room.treatment(table, path)
        assert after.asker.treatment(table, path) <= after.room.treatment(table, path)
    assert readable(after.room) <= readable(after.asker)


@settings(max_examples=30)
@given(rooms, st.sampled_from(["C1", "C0EXT"]))
def test_a_room_sees_no_more_than_any_one_of_its_members_would_there(present: list[Member], channel: str) -> None:
    together = rights_of_turn(POLICY, Actor(present[0].user, "T"), Audience("channel", channel, False, tuple(present)))
    for member in present:
        there = rights_of_turn(POLICY, Actor(member.user, "T"), Audience("channel", channel, False, (member,)))
        assert readable(together.room) <= readable(there.room)


def test_nobody_reads_anything_by_an_empty_policy() -> None:
    rights = rights_of_turn(AccessPolicy(()), Actor("UANN", "T"), dm(ANN))
    assert rights.asker.is_nothing
    assert readable(rights.asker) == set()
