"""The page and the whole bot behind it, in a real browser: ask, see progress, the table and its price, Show SQL."""

import pytest

from tests.chromium import open_page
from tests.scenario.house import House

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.extra("chromium")]

REVENUE = "What was our revenue by month in 2025, excluding cancelled and returned items?"
THREAD = "aside"


async def test_a_person_asks_on_the_page_and_reads_the_answer(house: House):
    house.bigquery.delay_seconds = 2.0  # long enough that the steps are seen
    try:
        async with open_page(f"{house.workspace.page_url}#U0ANA/C0GENERAL") as page:
            await page.type("main [data-composer]", f"@Data Bolt {REVENUE}", enter=True)
            await page.wait_for_text("Running the query", THREAD, 30)
            await page.wait_for_text("2025-10", THREAD, 60)
            text = await page.text(THREAD)
            assert "shop.order_items" in text
            assert "$0.01" in text
            assert "MB" in text

            await page.click(f"{THREAD} button", text="Show SQL")
            await page.wait_for_text("SELECT", "dialog", 30)
            assert "NOT IN ('Cancelled', 'Returned')" in await page.text("dialog")
            await page.press("Escape")
            assert page.errors == []
    finally:
        house.bigquery.delay_seconds = 0.0


async def test_trouble_made_on_the_page_costs_nobody_an_answer(house: House):
    async with open_page(f"{house.workspace.page_url}#U0ANA/C0SALES") as page:
        await page.click("#trouble-opener")
        for kind in ("cut", "drop", "refresh"):
            await page.click(f"[data-trouble={kind}]")
        await page.type("main [data-composer]", f"@Data Bolt {REVENUE}", enter=True)
        await page.wait_for_text("2025-10", THREAD, 60)
        assert "cut" in {call.error for call in house.workspace.calls}
        asked = next(m for m in house.workspace.messages("C0SALES") if REVENUE in m["text"])
        assert len(house.workspace.answers("C0SALES", asked["ts"])) == 1
        assert page.errors == []
