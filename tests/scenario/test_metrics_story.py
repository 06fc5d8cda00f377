"""What /metrics, /readyz and the ops channel tell, against what the services themselves saw: one story, one daemon."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from bot.local.model.script import Misbehaviour
from tests.scenario.house import ANSWER_SECONDS, START_SECONDS, House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "How many orders were placed in 2025?"
OPS = "C0SALES"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Watched:
    """A house whose daemon has a health port."""

    def __init__(self, house: House, port: int) -> None:
        self.house = house
        self._address = f"http://127.0.0.1:{port}"

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self._address + path) as response:
            return response.status, await response.text()

    async def samples(self) -> Samples:
        status, text = await self.get("/metrics")
        assert status == 200
        families = text_string_to_metric_families(text)
        return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}

    async def readiness(self) -> dict:
        async with aiohttp.ClientSession() as session, session.get(f"{self._address}/readyz") as response:
            return {"status": response.status, **await response.json()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(
    tmp_path_factory: pytest.TempPathFactory, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[Watched]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    more = {"HEALTH_PORT": str(port), "SLACK_OPS_CHANNEL": OPS, "SLACK_NOTICE_LANGUAGE": "ko"}
    async with open_house(tmp_path_factory.mktemp("house"), postgres_uri, googlesql_cache, **more) as house:
        await house.start_daemon()
        yield Watched(house, port)


def of(samples: Samples, name: str, **labels: str) -> float:
    """The sum over whatever *labels* leave open."""
    return sum(value for (n, ls), value in samples.items() if n == name and frozenset(labels.items()) <= ls)


async def until_ready(watched: Watched) -> None:
    async with asyncio.timeout(START_SECONDS):
        while not (await watched.readiness())["ready"]:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.05)


async def at_rest(watched: Watched, *, turns: int) -> Samples:
    """Once so many turns are over, and what Slack has seen of them is counted, too: that is a moment later."""
    workspace = watched.house.workspace
    async with asyncio.timeout(ANSWER_SECONDS):
        while True:
            samples = await watched.samples()
            calls = of(samples, "slackbot_slack_calls_total", method="chat.postMessage")
            acks = of(samples, "slackbot_ack_seconds_count")
            over = of(samples, "slackbot_items_total", kind="turn", outcome="completed")
            seen = (turns, len(workspace.calls_of("chat.postMessage")), len(workspace.acks))
            if (over, calls, acks) == seen:
                return samples
            await asyncio.sleep(0.05)


async def test_the_numbers_are_what_the_services_saw_and_an_outage_is_told_once(watched: Watched) -> None:
    house = watched.house
    await until_ready(watched)
    assert await watched.get("/livez") == (200, '{"live": true}')
    checks = await watched.readiness()
    assert checks["checks"] == {"slack": True, "database": True, "engine": True, "not_draining": True}

    for _ in range(3):
        (answer,) = await house.answered(await house.ask(QUESTION))
        assert "2,442" in answer["text"]
    house.workspace.fail_next("chat.update", retry_after=1)
    await house.answered(await house.ask(QUESTION))
    house.model.misbehave(Misbehaviour(fault="wrong_key"), times=3)
    for _ in range(3):
        await house.answered(await house.ask(QUESTION))
    await house.until(lambda: house.workspace.messages(OPS))
    assert (await watched.readiness())["degraded"] == ["model"]
    await house.answered(await house.ask(QUESTION))
    await house.until(lambda: len(house.workspace.messages(OPS)) == 2)
    degraded, recovered = (message["text"] for message in house.workspace.messages(OPS))
    assert "언어 모델 호출이" in degraded
    assert "언어 모델이 다시 응답해요" in recovered
    assert [len(house.daemon.named(f"daemon.{event}")) for event in ("degraded", "recovered")] == [1, 1]

    samples = await at_rest(watched, turns=8)
    assert of(samples, "slackbot_turns_total", outcome="answered") == 5
    assert of(samples, "slackbot_turns_total", outcome="failed") == 3
    assert of(samples, "slackbot_answer_seconds_count") == 8
    assert of(samples, "slackbot_bigquery_jobs_total", outcome="done") == len(house.billed_jobs) == 5
    assert of(samples, "slackbot_bigquery_bytes_billed_total") == house.billed_bytes > 0
    assert of(samples, "slackbot_spend_usd_total", kind="bigquery") > 0
    assert of(samples, "slackbot_model_calls_total", outcome="model") == 3
    assert of(samples, "slackbot_model_tokens_total", direction="input") > 0
    assert of(samples, "slackbot_slack_rate_limited_total") == 1
    assert of(samples, "slackbot_slack_rate_limited_total", method="chat.update") == 1
    assert of(samples, "slackbot_checkpoint_seconds_count") > 0
    assert of(samples, "slackbot_ready") == 1
    envelopes = of(samples, "slackbot_envelopes_total")
    assert envelopes == of(samples, "slackbot_ack_seconds_count") > 8
