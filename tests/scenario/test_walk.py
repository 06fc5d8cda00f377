"""One message's walk through the whole daemon, and what arrives twice, late, too large or broken on the way."""

import asyncio

import pytest

from bot.local.model.script import Misbehaviour
from tests.scenario.house import House, is_final

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "How many orders were placed in 2025?"
ANSWER = "2,442"


def of_post(house: House, ts: str, event: str) -> list[dict]:
    key = f"message:T0LOCAL:C0GENERAL:{ts}"
    return [line for line in house.daemon.named(event) if line.get("item") == key]


async def test_one_envelope_one_commit_one_ack_one_turn_one_answer(house: House):
    ts = await house.ask(QUESTION)
    (answer,) = await house.answered(ts)
    assert ANSWER in answer["text"]
    await house.until(lambda: of_post(house, ts, "inbox.item_finished"))

    envelopes = house.workspace.envelopes_of(ts)  # Slack tells of a mention twice: as app_mention and as message.*
    assert [len(envelope.acks) for envelope in envelopes] == [1] * len(envelopes)
    assert [line["is_new"] for line in of_post(house, ts, "slack.item_stored")].count(True) == 1
    assert len(of_post(house, ts, "turn.finished")) == 1
    names = [line["event"] for line in house.daemon.events]
    assert names.index("slack.item_stored") < names.index("slack.envelope_acked")


async def test_a_redelivered_envelope_is_acked_and_answered_once(house: House):
    ts = await house.ask(QUESTION)
    for envelope in house.workspace.envelopes_of(ts):
        await house.workspace.redeliver(envelope)
        await house.workspace.redeliver(envelope)
    assert len(await house.answered(ts)) == 1
    await house.until(lambda: all(len(e.acks) == 3 for e in house.workspace.envelopes_of(ts)))
    await house.until(lambda: of_post(house, ts, "inbox.item_finished"))
    assert len(house.workspace.answers("C0GENERAL", ts)) == 1
    assert len(of_post(house, ts, "turn.finished")) == 1


async def test_a_thread_is_remembered_by_the_next_daemon(house: House):
    ts = await house.ask(QUESTION)
    await house.answered(ts)
    assert await house.daemon.stop() == 0
    await house.start_daemon()
    second = await house.ask("Run that again.", thread=ts)
    answers = await house.until(
        lambda: a if len(a := house.workspace.answers("C0GENERAL", ts)) == 2 and ANSWER in a[1]["text"] else None, 30
    )
    assert float(answers[1]["ts"]) > float(second)


async def test_a_refresh_under_load_loses_nothing(house: House):
    posts = []
    for number in range(24):
        posts.append(await house.ask(QUESTION if number % 2 else "hello", channel="C0SALES"))
        if number in (6, 12, 18):
            await house.workspace.refresh()
        await asyncio.sleep(0.02)
    for ts in posts:
        assert len(await house.answered(ts, "C0SALES")) == 1
        assert all(envelope.acks for envelope in house.workspace.envelopes_of(ts))


async def test_questions_of_a_stopped_daemon_are_answered_by_the_next(house: House):
    assert await house.daemon.stop() == 0
    ts = await house.ask(QUESTION)
    await house.start_daemon()
    (answer,) = await house.answered(ts)
    assert ANSWER in answer["text"]


async def test_a_drained_daemon_leaves_its_job_to_the_next(house: House):
    house.bigquery.delay_seconds = 8.0
    try:
        jobs = len(house.billed_jobs)
        ts = await house.ask(QUESTION)
        await house.until(lambda: len(house.billed_jobs) > jobs)
        assert await house.daemon.stop() == 0  # DRAIN_SECONDS is shorter than the query
        await house.start_daemon()
        (answer,) = await house.answered(ts)
    finally:
        house.bigquery.delay_seconds = 0.0
    assert ANSWER in answer["text"]
    assert len(house.billed_jobs) == jobs + 1


async def test_an_empty_mention_gets_help(house: House):
    (answer,) = await house.answered(await house.ask(""))
    assert "Ask me" in answer["text"]
    assert answer["blocks"]


async def test_forty_thousand_characters_are_refused_in_a_sentence(house: House):
    (answer,) = await house.answered(await house.ask("How many orders? " * 2350))
    assert "12,000" in answer["text"]
    assert len(answer["text"]) < 400


async def test_malformed_payloads_are_acked_logged_and_dropped(house: House):
    before = len(house.daemon.named("slack.malformed_dropped"))
    await house.workspace.emit({"type": "app_mention", "channel": "C0GENERAL", "user": "U0ANA", "ts": 17, "text": []})
    await house.workspace.send_raw("{not json")
    await house.workspace.send_raw({"envelope_id": "odd", "type": "events_api", "payload": {"event": "words"}})
    await house.until(lambda: len(house.daemon.named("slack.malformed_dropped")) > before)
    await house.until(lambda: "odd" in [line["envelope"] for line in house.daemon.named("slack.envelope_acked")])
    (answer,) = await house.answered(await house.ask("hello"))
    assert answer["text"]


async def test_nothing_runs_for_a_wish_to_drop_a_table(house: House):
    jobs = len(house.billed_jobs)
    (answer,) = await house.answered(await house.ask("drop the orders table"))
    assert answer["text"]
    assert len(house.billed_jobs) == jobs


async def test_show_sql_opens_a_modal_with_the_sql(house: House):
    (answer,) = await house.answered(await house.ask(QUESTION))
    await house.workspace.click("U0ANA", answer["ts"], "C0GENERAL", "show_sql")
    modal = await house.until(lambda: next((v for v in house.workspace.modals("U0ANA") if "COUNT(*)" in str(v)), None))
    assert "shop.orders" in str(modal)


async def test_a_model_that_is_still_loading_is_said_in_the_thread(house: House):
    house.model.misbehave(Misbehaviour(fault="loading"))
    (answer,) = await house.answered(await house.ask(QUESTION))
    assert "loading" in answer["text"].lower()
    assert "OPENAI_BASE_URL" in answer["text"]
    (answer,) = await house.answered(await house.ask(QUESTION))
    assert ANSWER in answer["text"]


async def test_stop_takes_a_question_out_of_the_line_and_ends_a_running_turn_and_its_job(house: House):
    house.bigquery.delay_seconds = 30.0
    try:
        ts = await house.ask("What was our revenue by month in 2025, excluding cancelled and returned items?")
        jobs = len(house.billed_jobs)
        await house.until(lambda: len(house.billed_jobs) > jobs)
        (reply,) = house.workspace.answers("C0GENERAL", ts)
        await house.ask("hello", thread=ts)
        sign = await house.until(lambda: next((a for a in house.workspace.answers("C0GENERAL", ts)[1:]), None))
        assert "queued" in sign["text"]
        await house.workspace.click("U0ANA", sign["ts"], "C0GENERAL", "stop")
        await house.until(lambda: "Stopped" in house.workspace.answers("C0GENERAL", ts)[1]["text"])
        assert not is_final(house.workspace.answers("C0GENERAL", ts)[0])
        await house.workspace.click("U0ANA", reply["ts"], "C0GENERAL", "stop")
        await house.until(lambda: "Stopped" in house.workspace.answers("C0GENERAL", ts)[0]["text"])
        answer, _ = house.workspace.answers("C0GENERAL", ts)
    finally:
        house.bigquery.delay_seconds = 0.0
    assert "SELECT" in answer["text"]  # what there was of it
    job = house.bigquery.jobs[house.billed_jobs[-1]]
    await house.until(lambda: job.state == "DONE")
    assert job.error is not None
    assert job.error.reason == "stopped"


async def test_a_cross_on_a_card_denies_and_an_approval_runs_what_was_asked_about(house: House):
    sql = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT SUM(i) AS total FROM n"
    ts = await house.ask(f"Run this:\n```sql\n{sql}\n```")
    (card,) = await house.answered(ts)
    denied = await house.ask(f"Run this:\n```sql\n{sql}\n```")
    (denied_card,) = await house.answered(denied)
    jobs = len(house.billed_jobs)
    await house.workspace.react("U0MINSU", "C0GENERAL", denied_card["ts"], "x")
    await house.until(lambda: "Denied by <@U0MINSU>" in house.workspace.answers("C0GENERAL", denied)[0]["text"])
    await house.workspace.click("U0MINSU", card["ts"], "C0GENERAL", "approve")
    answers = await house.until(
        lambda: a if len(a := house.workspace.answers("C0GENERAL", ts)) == 2 and "15" in a[1]["text"] else None, 30
    )
    assert len(house.billed_jobs) == jobs + 1
    assert "15" in answers[1]["text"]
