"""Views at the door, as BigQuery serves them: what is behind one counts, unless the policy lets it answer for that."""

import asyncio

import pytest
from google.api_core import exceptions
from google.cloud.bigquery.table import TableListItem

from agent.policy.decision import NeedApproval
from agent.policy.masking import MASK
from agent.policy.policy_file import read_policy
from agent.query import QueryRefused, QueryRequest
from agent.turn import Member
from tests.local.shop_at_the_door import PROJECT, Door, Shop, Views, asked, shop, views

__all__ = ["shop", "views"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

VOUCHED = """
version: 1
tags:
  personal: {policy_tags: "*"}
grants:
  - {to: everyone, read: shop, views: [reporting.staff_by_title], tags: {personal: mask}}
  - {to: dm, read: [shop, reporting], tags: {personal: show}}
"""
OPEN = """
version: 1
grants:
  - {to: everyone, read: [shop, reporting]}
"""
ANN, BEN = Member("UANN"), Member("UBEN")
STAFF = "SELECT title, people FROM reporting.staff_by_title ORDER BY title"


async def voided(door: Door, sql: str, request: QueryRequest, change: tuple[Views, str, str]) -> set[str]:
    """What a person's yes is answered with, after the view has changed under it."""
    views, name, query = change
    check = await door.runner.check(sql, request)
    assert isinstance(check.decision, NeedApproval)
    approval_id = await door.runner.request_approval(check, request)
    await door.approvals.decide(approval_id, "UBEN", approve=True)
    approved = await door.approvals.get(approval_id)
    await views.change(name, query)
    before = set(door.service.jobs)
    with pytest.raises(QueryRefused) as caught:
        await door.runner.run(sql, request, approved=approved)
    assert set(door.service.jobs) == before
    return {reason.code for reason in caught.value.reasons}


async def test_a_view_is_listed_and_described_as_bigquery_does(views: Views) -> None:
    query = "SELECT id, country FROM `demo-proj.shop.users`"
    await views.put("reporting.places", query)
    listed = await asyncio.to_thread(list[TableListItem], views.client.list_tables("reporting"))
    kinds = {table.table_id: table.table_type for table in listed}
    assert kinds.items() >= {"places": "VIEW", "staff_by_title": "VIEW"}.items()
    view = await asyncio.to_thread(views.client.get_table, f"{PROJECT}.reporting.places")
    assert (view.table_type, view.view_query, view.num_rows) == ("VIEW", query, 0)
    assert [(field.name, field.field_type) for field in view.schema] == [("id", "INTEGER"), ("country", "STRING")]
    with pytest.raises(exceptions.Conflict):
        await asyncio.to_thread(views.client.create_table, view)
    with pytest.raises(exceptions.BadRequest, match="Unrecognized name: nobody"):
        await views.put("reporting.wrong", "SELECT nobody FROM shop.users")
    with pytest.raises(exceptions.Forbidden):
        await asyncio.to_thread(views.client.delete_table, f"{PROJECT}.shop.users")


async def test_a_view_that_the_policy_lists_shows_what_its_reader_may_not_read(shop: Shop) -> None:
    door = shop.door(read_policy(VOUCHED, PROJECT))
    for request in (asked(ANN), asked(ANN, ANN, BEN)):
        outcome = await door.runner.run(STAFF, request)
        assert outcome.table.total_rows > 1
        assert (outcome.masked_names, outcome.fuller_id) == ((), None)
        assert outcome.check.tables == ("demo-proj.hr.salaries",)  # BigQuery names what is below the view
        assert await door.refused("SELECT COUNT(*) FROM hr.salaries", request) == {"deny.table"}
        beside = "SELECT COUNT(*) FROM reporting.staff_by_title AS s JOIN hr.salaries AS p USING (title)"
        assert await door.refused(beside, request) == {"deny.table"}


async def test_a_view_that_the_policy_does_not_list_opens_nothing(shop: Shop) -> None:
    door = shop.door(read_policy(OPEN, PROJECT))
    assert await door.refused(STAFF, asked(ANN)) == {"deny.table"}


async def test_a_view_over_tagged_columns_carries_their_tags(shop: Shop, views: Views) -> None:
    contacts = "SELECT id, country, CONCAT(first_name, ' ', last_name) AS contact FROM shop.users"
    await views.put("reporting.contacts", contacts)
    await views.put("reporting.buyers", "SELECT contact AS who, id, country FROM reporting.contacts")
    policy = VOUCHED.replace("to: everyone, read: shop", "to: everyone, read: [shop, reporting]")
    door = shop.door(read_policy(policy, PROJECT))
    room = asked(ANN, ANN, BEN)
    outcome = await door.runner.run("SELECT id, who FROM reporting.buyers ORDER BY id LIMIT 2", room)
    assert [row[1] for row in outcome.table.rows] == [MASK, MASK]
    assert outcome.check.tables == ("demo-proj.shop.users",)
    harmless = await door.runner.run("SELECT country, COUNT(*) AS n FROM reporting.buyers GROUP BY country", room)
    assert harmless.masked_names == ()
    searched = await door.runner.run("SELECT COUNT(*) AS n FROM reporting.buyers WHERE who LIKE 'A%'", room)
    assert searched.is_withheld  # Ann alone may know
    untold = shop.door(read_policy(OPEN, PROJECT))
    assert await untold.refused("SELECT who FROM reporting.buyers", asked(ANN)) == {"deny.column"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ("SELECT country, id FROM shop.users JOIN shop.orders ON user_id = users.id", "approval.void_tables"),
        ("SELECT gender AS country, CAST(id AS STRING) AS id FROM shop.users", "approval.void_columns"),
    ],
)
async def test_an_approval_does_not_outlive_the_view_that_it_was_given_for(
    shop: Shop, views: Views, changed: str, code: str
) -> None:
    await views.put("reporting.people", "SELECT country, id FROM shop.users")
    door = shop.door(read_policy(OPEN, PROJECT), free_usd=0.0)
    sql = "SELECT id, country FROM reporting.people"
    assert await voided(door, sql, asked(ANN), (views, "reporting.people", changed)) == {code}


async def test_a_view_that_has_come_to_read_what_nobody_may_is_refused_whatever_was_approved(
    shop: Shop, views: Views
) -> None:
    await views.put("reporting.headcount", "SELECT COUNT(*) AS n FROM shop.users")
    door = shop.door(read_policy(OPEN, PROJECT), free_usd=0.0)
    change = (views, "reporting.headcount", "SELECT COUNT(*) AS n FROM hr.salaries")
    assert await voided(door, "SELECT n FROM reporting.headcount", asked(ANN), change) == {
        "deny.table",
        "approval.cost",
    }
