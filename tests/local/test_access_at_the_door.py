"""Who may see what, at the whole door: the real gate, Google's analyzer, the genuine client, the demo shop."""

from dataclasses import replace

import pytest

from agent.policy.decision import Allow, Deny
from agent.policy.masking import MASK
from agent.policy.policy_file import read_policy
from agent.turn import Member
from tests.fakes.access import everyone_reads
from tests.local.shop_at_the_door import PROJECT, Door, Shop, asked, shop

__all__ = ["shop"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLICY = """
version: 1
tags:
  personal: {policy_tags: "*", columns: [traffic_source]}
grants:
  - {to: [everyone], read: [shop, web], tags: {personal: mask}}
  - {to: [dm], read: [shop], tags: {personal: show}}
  - {to: ["group:people"], read: [hr], tags: {personal: show}}
  - {to: ["channel:C0EXT"], external: true, read: [{table: shop.products, except_columns: [cost]}]}
"""
ANN, PAT = Member("UANN"), Member("UPAT", frozenset({"people"}))
PARTNER = Member("UOUT", is_external=True)
EMAILS = "SELECT id, email FROM shop.users ORDER BY id LIMIT 3"


@pytest.fixture
def door(shop: Shop) -> Door:
    return shop.door(read_policy(POLICY, PROJECT))


async def test_without_a_policy_file_nobody_reads_a_tagged_column(shop: Shop) -> None:
    door = shop.door(everyone_reads("shop", "web", project=PROJECT))
    for request in (asked(ANN), asked(ANN, ANN, PAT)):
        for sql in (
            EMAILS,
            "SELECT * FROM shop.users",
            "SELECT COUNT(*) FROM shop.users WHERE email LIKE 'a%'",
            "SELECT TO_JSON_STRING(u) FROM shop.users AS u",
            "SELECT (SELECT MIN(email) FROM `demo-proj.shop.users`)",
        ):
            assert await door.refused(sql, request) == {"deny.column"}
        outcome = await door.runner.run("SELECT country, COUNT(*) AS n FROM shop.users GROUP BY country", request)
        assert outcome.table.total_rows > 1
        assert outcome.result_id


async def test_the_thread_gets_the_masked_version_and_the_asker_theirs_of_one_job(door: Door) -> None:
    before = len(door.service.jobs)
    request = asked(ANN, ANN, PAT)
    outcome = await door.runner.run(EMAILS, request)
    again = await door.runner.run(EMAILS, request)
    assert len(door.service.jobs) == before + 1
    assert again.fuller_id == outcome.fuller_id
    assert {row[1] for row in outcome.table.rows} == {MASK}
    assert [row[0] for row in outcome.table.rows] == [1, 2, 3]
    assert outcome.masked_names == ("email",)
    assert outcome.check.holds_tagged
    assert outcome.fuller_id is not None
    fuller = await door.runner.fuller(outcome.fuller_id, "UANN")
    assert fuller is not None
    assert all("@" in str(row[1]) for row in fuller.table.rows)
    assert await door.runner.fuller(outcome.fuller_id, "UPAT") is None
    kept = {result.channel: result for result in door.results.kept}
    assert kept["C1"].masked_columns == ("email",)
    assert "@" not in str(kept["C1"].table)
    assert kept[""].asker == "UANN"


async def test_alone_with_the_bot_the_asker_sees_what_they_may(door: Door) -> None:
    outcome = await door.runner.run(EMAILS, asked(ANN))
    assert all("@" in str(row[1]) for row in outcome.table.rows)
    assert (outcome.fuller_id, outcome.check.room) == (None, None)
    assert outcome.check.holds_tagged  # and yet no row of it goes to a model


async def test_what_the_room_may_not_see_at_all_is_the_askers_alone(door: Door) -> None:
    sql = "SELECT title, MAX(salary) AS top FROM hr.salaries GROUP BY title"
    outcome = await door.runner.run(sql, asked(PAT, PAT, ANN))
    assert outcome.is_withheld
    assert (outcome.table.columns, outcome.table.rows, outcome.result_id) == ((), (), None)
    assert [kept.channel for kept in door.results.kept] == [""]
    assert await door.refused(sql, asked(ANN, PAT, ANN)) == {"deny.table"}
    everybody = await door.runner.run(sql, asked(PAT, PAT))
    assert (everybody.is_withheld, everybody.fuller_id) == (False, None)


async def test_a_masked_column_may_be_shown_hidden_and_used_for_nothing(door: Door) -> None:
    room = asked(ANN, ANN, PAT)
    for sql in (
        "SELECT UPPER(traffic_source) FROM web.events_20251201",
        "SELECT COUNT(*) FROM shop.users WHERE traffic_source = 'Search'",
        "SELECT traffic_source, COUNT(*) FROM shop.users GROUP BY 1",
    ):
        check = await door.runner.check(sql.replace("web.events_20251201", "shop.users"), room)
        assert check.decision == Allow()  # Ann may, and is told alone
        assert check.room is not None
        assert check.room.is_withheld
    hidden = await door.runner.run("SELECT u.traffic_source AS x FROM shop.users AS u LIMIT 2", room)
    assert {row for row in hidden.table.rows} == {(MASK,)}


async def test_outsiders_see_what_names_their_channel_and_nothing_else(door: Door) -> None:
    outside = asked(PARTNER, ANN, PARTNER, external=True)
    assert await door.refused("SELECT COUNT(*) FROM shop.orders", outside) == {"deny.outsiders"}
    shared = asked(PARTNER, ANN, PARTNER, channel="C0EXT", external=True)
    assert (await door.runner.run("SELECT name FROM shop.products LIMIT 1", shared)).table.total_rows == 1
    assert await door.refused("SELECT MAX(cost) FROM shop.products", shared) == {"deny.column"}
    assert await door.refused("SELECT COUNT(*) FROM shop.orders", shared) == {"deny.table"}


async def test_metadata_is_shown_only_where_the_policy_says_so(door: Door) -> None:
    sql = "SELECT column_name FROM shop.INFORMATION_SCHEMA.COLUMNS"
    check = await door.runner.check(sql, asked(ANN))
    assert isinstance(check.decision, Deny)


async def test_a_restart_finds_the_same_two_versions(shop: Shop) -> None:
    request = asked(ANN, ANN, PAT)
    first = await shop.door(read_policy(POLICY, PROJECT)).runner.run(EMAILS, request)
    jobs = len(shop.service.jobs)
    second = await shop.door(read_policy(POLICY, PROJECT)).runner.run(EMAILS, replace(request))
    assert (first.table, first.job_id, len(shop.service.jobs)) == (second.table, second.job_id, jobs)
