from dataclasses import replace

import pytest

from agent.notice import Notice
from agent.policy.access import DatasetAllowlist, UnreadableGrant, judge_access, judge_routines
from agent.policy.decision import Allow, Deny
from agent.sql.names import TableName

GRANTS = DatasetAllowlist.parse(["shop", " other.web ", "example.com:proj.ga"], "demo")


def test_a_grant_without_a_project_means_the_default_one() -> None:
    assert GRANTS.datasets == {("demo", "shop"), ("other", "web"), ("example.com:proj", "ga")}


@pytest.mark.parametrize("entry", ["", ".", "a.", ".b", "a.b.c", "*", "a.*", "sh*p"])
def test_an_entry_that_is_no_dataset_is_refused_by_name(entry: str) -> None:
    with pytest.raises(UnreadableGrant, match="neither"):
        DatasetAllowlist.parse([entry], "demo")


def test_a_dataset_of_the_same_name_elsewhere_is_not_granted() -> None:
    assert GRANTS.may_read(TableName("demo", "shop", "orders"))
    assert not GRANTS.may_read(TableName("other", "shop", "orders"))
    assert not GRANTS.may_read(TableName("demo", "Shop", "orders"))
    assert not GRANTS.may_read(TableName("demo", "hr", "salaries"))


def test_metadata_of_a_project_needs_a_grant_in_it() -> None:
    assert GRANTS.may_read(TableName("demo", "", "INFORMATION_SCHEMA.SCHEMATA", is_metadata=True))
    assert not GRANTS.may_read(TableName("elsewhere", "", "INFORMATION_SCHEMA.SCHEMATA", is_metadata=True))


def test_no_stored_function_may_be_called_unless_its_dataset_is_granted_for_that() -> None:
    assert judge_routines(["demo.shop.f"], GRANTS, "demo") == Deny((Notice("deny.routine", {"name": "demo.shop.f"}),))
    udf = replace(GRANTS, routines=frozenset({("demo", "udf")}))
    assert judge_routines(["demo.udf.f"], udf, "demo") == Allow()
    assert isinstance(judge_routines(["demo.udf.f", "f"], udf, "demo"), Deny)


def test_every_forbidden_table_is_named() -> None:
    decision = judge_access(["demo.shop.orders", "demo.hr.salaries", "x.y", "demo.hr.salaries"], GRANTS, "demo")
    assert decision == Deny(
        (Notice("deny.table", {"table": "demo.hr.salaries"}), Notice("deny.table", {"table": "x.y"}))
    )
    assert judge_access(["demo.shop.orders"], GRANTS, "demo") == Allow()
