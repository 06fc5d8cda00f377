"""A question asked again, through the whole daemon: one job while nothing changes, another when something did."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenario.house import House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION, ANSWER = "How many orders were placed in 2025?", "2,442"
CACHED = "its tables have not changed since"
DAY = {"RESULT_CACHE_MAX_AGE_SECONDS": "86400"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    on_trial = folder / "on_trial.yaml"
    on_trial.write_text("{version: 1, grants: [{to: everyone, read: web}]}")
    more = {**DAY, "POLICY_OBSERVE_FILE": str(on_trial)}
    async with open_house(folder, postgres_uri, googlesql_cache, **more) as house:
        await house.start_daemon()
        yield house


async def test_asked_twice_it_runs_once_and_runs_again_when_a_table_changes_or_somebody_wants_it(house: House):
    (first,) = await house.answered(await house.ask(QUESTION))
    thread = await house.ask(QUESTION, user="U0MINSU")
    (second,) = await house.answered(thread)
    assert len(house.billed_jobs) == 1
    assert ANSWER in first["text"]
    assert ANSWER in second["text"]
    assert CACHED not in first["text"]
    assert CACHED in second["text"]

    await house.workspace.click("U0MINSU", second["ts"], "C0GENERAL", "receipt")
    receipt = await house.until(
        lambda: [modal for modal in house.workspace.modals("U0MINSU") if house.billed_jobs[0] in str(modal["blocks"])]
    )
    assert "Nothing ran" in str(receipt)
    assert "shop.orders" in str(receipt)

    await house.workspace.click("U0MINSU", second["ts"], "C0GENERAL", "run_again")
    answers = await house.until(lambda: a if len(a := house.workspace.answers("C0GENERAL", thread)) == 2 else None)
    _, fresh = await house.answered(thread)
    assert answers
    assert ANSWER in fresh["text"]
    assert CACHED not in fresh["text"]
    assert len(house.billed_jobs) == 2

    house.bigquery.touch("demo-proj.shop.orders")
    (third,) = await house.answered(await house.ask(QUESTION))
    assert CACHED not in third["text"]
    assert len(house.billed_jobs) == 3

    # The policy on trial would have refused all of it, and decided nothing.
    differences = {(line["enforced"], line["observed"]) for line in house.daemon.named("policy.would_differ")}
    assert differences == {("allow", "deny")}

    await house.workspace.command("U0ANA", "C0GENERAL", "/data", "receipt")
    told = await house.until(
        lambda: [w for w in house.workspace.whispers("U0ANA") if house.billed_jobs[2] in w["text"]]
    )
    assert "Cost" in told[0]["text"]
