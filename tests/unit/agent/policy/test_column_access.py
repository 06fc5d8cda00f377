"""What a statement's columns mean: by tags, by fields, through views, and where nobody knows."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.bigquery.warehouse import ColumnInfo, DryRun, TableInfo
from agent.notice import Notice
from agent.policy.access import NoRights
from agent.policy.access_control import AccessControl
from agent.policy.column_access import AccessRuling
from agent.policy.decision import Allow, Deny
from agent.policy.policy_file import read_policy
from agent.policy.policy_source import FixedPolicy
from agent.sql.columns import ColumnReader
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.turn import Actor, Audience, Column
from tests.fakes.access import FakeCatalog

POLICY = """
version: 1
tags:
  personal: {columns: [email, "web.events_*:device.ad_id"]}
  money: {policy_tags: "tags/money/*"}
grants:
  - to: everyone
    read: [shop, "web.events_*"]
    tags: {personal: mask}
    views: [open.staff_count]
"""
EMAIL, ID = ColumnInfo("email", "STRING"), ColumnInfo("id", "INT64")


def view(name: str, sql: str, *columns: str) -> TableInfo:
    return TableInfo(name, tuple(ColumnInfo(column, "STRING") for column in columns), view_query=sql)


TABLES = (
    TableInfo("p.shop.users", (ID, EMAIL, ColumnInfo("pay", "INT64", policy_tags=("tags/money/1",)))),
    TableInfo("p.shop.orders", (ID, ColumnInfo("user_id", "INT64"))),
    TableInfo("p.web.events_*", (ID, ColumnInfo("device", "STRUCT<kind STRING, ad_id STRING>"))),
    view("p.shop.contacts", "SELECT id, CONCAT(id, email) AS contact FROM p.shop.users", "id", "contact"),
    view("p.shop.contacts2", "SELECT contact AS c, id AS i FROM shop.contacts", "c", "i"),
    view("p.shop.odd", "SELECT NEW_FUNCTION(id) AS x FROM p.shop.users", "x"),
    view("p.shop.loop", "SELECT id FROM p.shop.loop", "id"),
    view("p.shop.staff", "SELECT COUNT(*) AS n FROM p.hr.staff", "n"),
    view("p.open.staff_count", "SELECT COUNT(email) AS n FROM p.hr.staff", "n"),
)


class Try:
    def __init__(self, engine: EngineThread) -> None:
        self.catalog = FakeCatalog(TABLES)
        self._gate = Gate(engine, GateRules(NoRights(), "p"))
        policy = FixedPolicy(read_policy(POLICY, "p"))
        self._access = AccessControl(policy, self.catalog, ColumnReader(engine, "p"), default_project="p")

    async def __call__(self, sql: str, *columns: str, reads: tuple[str, ...] = ()) -> AccessRuling:
        """*columns* as BigQuery says the result has them, *reads* as it says the statement reads."""
        rights = (await self._access.rights(Actor("U1", "T"), Audience("asker", "D"))).asker
        verdict = await self._gate.check(sql, rights)
        assert verdict.decision == "allow", verdict.reasons
        tables = reads or tuple(map(str, verdict.tables))
        dry_run = DryRun("SELECT", 0, "PRECISE", tables, tuple(Column(name, "STRING") for name in columns))
        return await self._access.rule(verdict, dry_run, rights)


@pytest.fixture(scope="module")
def engine(googlesql_cache: Path) -> Iterator[EngineThread]:
    thread = EngineThread(googlesql_cache)
    yield thread
    asyncio.run(thread.close())


@pytest.fixture
def ruled(engine: EngineThread) -> Try:
    return Try(engine)


def denied(code: str, **params: str) -> Deny:
    return Deny((Notice(code, params),))


async def test_a_masked_column_is_hidden_where_it_stands(ruled: Try) -> None:
    ruling = await ruled("SELECT email, id FROM shop.users", "email", "id")
    assert (ruling.decision, ruling.masked, ruling.holds_tagged) == (Allow(), (0,), True)


async def test_what_touches_no_tagged_column_is_simply_allowed(ruled: Try) -> None:
    assert await ruled("SELECT id FROM shop.users", "id") == AccessRuling(Allow())
    assert await ruled("SELECT COUNT(*) AS n FROM shop.users", "n") == AccessRuling(Allow())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(email) AS n FROM shop.users",
        "SELECT id AS n FROM shop.users WHERE email LIKE 'a%'",
        "SELECT id AS n FROM shop.users ORDER BY email",
        "SELECT a.id AS n FROM shop.users a JOIN shop.users b USING (email)",
        "SELECT STRUCT(email) AS n FROM shop.users",
    ],
)
async def test_a_masked_column_is_used_for_nothing_else(ruled: Try, sql: str) -> None:
    assert (await ruled(sql, "n")).decision == denied("deny.column_masked", column="p.shop.users.email")


async def test_a_refused_column_is_read_nowhere(ruled: Try) -> None:
    for sql in ("SELECT pay FROM shop.users", "SELECT MAX(pay) AS pay FROM shop.users"):
        assert (await ruled(sql, "pay")).decision == denied("deny.column", column="p.shop.users.pay")


async def test_a_field_is_its_own_column(ruled: Try) -> None:
    assert (await ruled("SELECT device.kind FROM `web.events_*`", "kind")).decision == Allow()
    ad_id = await ruled("SELECT device.ad_id FROM `web.events_2025*`", "ad_id")
    assert (ad_id.decision, ad_id.masked) == (Allow(), (0,))
    assert (await ruled("SELECT device FROM `web.events_20250101`", "device")).masked == (0,)
    upper = await ruled("SELECT UPPER(device.ad_id) AS x FROM `web.events_*`", "x")
    assert upper.decision == denied("deny.column_masked", column="p.web.events_*.device.ad_id")


async def test_a_column_is_followed_through_views(ruled: Try) -> None:
    assert (await ruled("SELECT id FROM shop.contacts", "id", reads=("p.shop.users",))).decision == Allow()
    direct = await ruled("SELECT contact FROM shop.contacts", "contact", reads=("p.shop.users",))
    assert (direct.decision, direct.masked) == (Allow(), (0,))
    assert (await ruled("SELECT c FROM shop.contacts2", "c", reads=("p.shop.users",))).masked == (0,)
    assert (await ruled("SELECT i FROM shop.contacts2", "i", reads=("p.shop.users",))).masked == ()
    searched = await ruled("SELECT i FROM shop.contacts2 WHERE c = 'x'", "i", reads=("p.shop.users",))
    assert searched.decision == denied("deny.column_masked", column="p.shop.contacts2.c")


async def test_a_view_that_cannot_be_read_may_show_anything_that_is_behind_it(ruled: Try) -> None:
    ruling = await ruled("SELECT x FROM shop.odd", "x", reads=("p.shop.users",))
    assert ruling.decision == denied("deny.column", column="p.shop.odd.x")  # `pay` is behind it


async def test_a_view_that_reads_itself_is_read_once(ruled: Try) -> None:
    assert isinstance((await ruled("SELECT id FROM shop.loop", "id")).decision, Deny)


async def test_a_view_answers_for_what_it_reads_only_where_the_policy_lists_it(ruled: Try) -> None:
    vouched = await ruled("SELECT n FROM open.staff_count", "n", reads=("p.hr.staff",))
    assert (vouched.decision, vouched.masked) == (Allow(), ())
    other = await ruled("SELECT n FROM shop.staff", "n", reads=("p.hr.staff",))
    assert other.decision == denied("deny.table", table="p.hr.staff")
    both = await ruled("SELECT n FROM open.staff_count", "n", reads=("p.hr.staff", "p.hr.salaries"))
    assert both.decision == denied("deny.table", table="p.hr.salaries")


async def test_where_the_columns_are_not_known_a_table_with_tagged_ones_is_not_read(ruled: Try) -> None:
    unknown = denied("deny.columns_unknown", table="p.shop.users")
    assert (await ruled("SELECT BAG_OF_WORDS([u.id]) AS y FROM shop.users AS u", "y")).decision == unknown
    assert (await ruled("SELECT BAG_OF_WORDS([o.id]) AS y FROM shop.orders AS o", "y")).decision == Allow()


async def test_a_star_that_shows_more_than_the_catalog_knows_is_not_run(ruled: Try) -> None:
    assert (await ruled("SELECT * FROM shop.users", "id", "email", "pay", "passport")).decision == denied(
        "deny.columns_unknown", table="p.shop.users"
    )


async def test_a_table_that_nobody_described_is_asked_about_once_more_and_then_not_read(ruled: Try) -> None:
    ruling = await ruled("SELECT x FROM shop.brand_new", "x")
    assert ruling.decision == denied("deny.columns_unknown", table="p.shop.brand_new")
    assert ruled.catalog.read_anew == 1


async def test_a_table_that_bigquery_reads_and_the_text_does_not_name_has_no_known_columns(ruled: Try) -> None:
    hidden = await ruled("SELECT id FROM shop.orders", "id", reads=("p.shop.orders", "p.shop.users"))
    assert hidden.decision == denied("deny.columns_unknown", table="p.shop.users")
    harmless = await ruled("SELECT id FROM shop.users", "id", reads=("p.shop.orders", "p.shop.users"))
    assert harmless.decision == Allow()
    shards = ("p.web.events_20250101", "p.web.events_20250102")
    assert (await ruled("SELECT id FROM `web.events_*`", "id", reads=shards)).decision == Allow()
