"""A chart through the whole daemon: drawn by Slack, changed without a query, painted where Slack cannot, judged."""

from typing import Any

import psycopg
import pytest

from tests.scenario.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "What was our revenue by month in 2025, excluding cancelled and returned items?"
BY_DAY = (
    "SELECT DATE(created_at) AS day, COUNT(*) AS items FROM shop.order_items "
    "WHERE created_at >= TIMESTAMP '2025-12-01' AND created_at < TIMESTAMP '2026-01-01' GROUP BY day ORDER BY day"
)


def block_of(message: dict[str, Any], kind: str) -> dict[str, Any] | None:
    return next((block for block in message["blocks"] if block["type"] == kind), None)


async def test_a_chart_is_changed_refined_painted_and_judged(house: House, postgres_uri: str):
    ts = await house.ask(QUESTION)
    (answer,) = await house.answered(ts)
    chart = block_of(answer, "data_visualization")
    assert chart is not None
    assert (chart["chart"]["type"], len(chart["chart"]["axis_config"]["categories"])) == ("line", 12)
    assert "updated" in answer["text"]

    jobs = list(house.billed_jobs)
    pie = {"selected_option": {"value": "pie"}}
    await house.workspace.click("U0ANA", answer["ts"], "C0GENERAL", "chart", choice=pie)

    def changed() -> dict[str, Any] | None:
        shown = house.workspace.room.board.message("C0GENERAL", answer["ts"])
        block = block_of(shown, "data_visualization")
        return shown if block is not None and block["chart"]["type"] == "pie" else None

    shown = await house.until(changed)
    assert house.billed_jobs == jobs
    assert " s\n" in f"{shown['text']}\n"  # the footer keeps its seconds

    await house.workspace.click("U0ANA", answer["ts"], "C0GENERAL", "refine")
    view = await house.until(
        lambda: next((view for view in house.workspace.room.views.stack("U0ANA") if view["submit"]), None)
    )
    question, sql = (block["block_id"] for block in view["blocks"])
    values = {
        question: {"question": {"type": "plain_text_input", "value": "Items by day in December"}},
        sql: {"sql": {"type": "plain_text_input", "value": BY_DAY}},
    }
    await house.workspace.submit("U0ANA", view["id"], values)

    def painted() -> dict[str, Any] | None:
        answers = house.workspace.answers("C0GENERAL", ts)
        return answers[-1] if len(answers) == 2 and block_of(answers[-1], "image") else None

    picture = await house.until(painted)
    image = block_of(picture, "image")
    assert image is not None
    assert image["alt_text"].startswith("Line chart: Items by day in December. 31 values.")
    content = house.workspace.room.files.by_id[image["slack_file"]["id"]].content
    assert content is not None
    assert content.startswith(b"\x89PNG")
    assert "Items by day in December" in picture["blocks"][0]["elements"][0]["text"]  # who asked it, by a modal
    assert len(house.billed_jobs) == len(jobs) + 1

    bad = {"value": block_of(picture, "context_actions")["elements"][0]["negative_button"]["value"]}  # type: ignore[index]
    await house.workspace.click("U0ANA", picture["ts"], "C0GENERAL", "feedback", choice=bad)
    (why,) = await house.until(lambda: house.workspace.room.views.stack("U0ANA"))
    await house.workspace.submit("U0ANA", why["id"])
    await house.until(lambda: house.daemon.named("feedback.kept")[1:])
    with psycopg.connect(postgres_uri) as connection:
        rows = connection.execute("SELECT user_id, verdict, reason FROM feedback").fetchall()
    assert rows == [("U0ANA", "bad", "wrong_numbers")]
