"""After mixed turns with kill -9 in between, BigQuery's bill, the audit and the budgets are one number."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenario.house import House, open_house
from tests.scenario.spending import SETTINGS, spend

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def priced_house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **SETTINGS) as house:
        await house.start_daemon()
        yield house


async def test_bigquerys_bill_the_audit_and_the_budgets_are_one_number_after_kills(
    priced_house: House, postgres_uri: str
):
    books = await spend(priced_house, postgres_uri, turns=40, kills=2, seed=11)
    assert books.turns >= 40
    assert books.differences() == []
    # the story has what it is about: bills, every kind of decision, a budget that ran out
    assert sum(books.bigquery.values()) > 0
    assert set(books.decisions) == {"auto_execute", "approval_required", "blocked"}
    assert books.blocked_by_budget > 0
    assert books.model_calls > 0
