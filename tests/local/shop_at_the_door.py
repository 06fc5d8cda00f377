"""The whole door over the demo shop: the real gate, Google's analyzer, the genuine client, the local BigQuery."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from google.api_core.client_options import ClientOptions
from google.cloud import bigquery
from google.oauth2 import service_account

from agent.bigquery.client import BigQueryWarehouse
from agent.policy.access import NoRights
from agent.policy.cost import CostLimits
from agent.policy.grants import AccessPolicy
from agent.query import QueryPolicy, QueryRefused, QueryRequest, QueryRunner
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.turn import Actor, Audience, Member
from bot.local.bigquery.credentials import UNIVERSE, write_credentials
from bot.local.bigquery.service import LocalBigQuery
from tests.fakes.access import real_access
from tests.fakes.approvals import FakeApprovals
from tests.fakes.cashier import cashier_at
from tests.fakes.results import FakeResults

PROJECT = "demo-proj"
_TURNS = count(1)


@dataclass(frozen=True)
class Shop:
    service: LocalBigQuery
    warehouse: BigQueryWarehouse
    engine: EngineThread
    key: Path
    """Of a service account that the service lets in."""

    def door(self, policy: AccessPolicy, *, free_usd: float = 1e9) -> "Door":
        """What costs more than *free_usd* waits for a person."""
        results, approvals = FakeResults(), FakeApprovals()
        runner = QueryRunner(
            gate=Gate(self.engine, GateRules(NoRights(), PROJECT)),
            warehouse=self.warehouse,
            policy=QueryPolicy(PROJECT, CostLimits(1 << 50, auto_execute_max_cost_usd=free_usd)),
            approvals=approvals,
            results=results,
            cashier=cashier_at(self.warehouse),
            access=real_access(self.warehouse, self.engine, policy, project=PROJECT),
        )
        return Door(runner, results, approvals, self.service)


@dataclass(frozen=True)
class Door:
    runner: QueryRunner
    results: FakeResults
    approvals: FakeApprovals
    service: LocalBigQuery

    async def refused(self, sql: str, request: QueryRequest) -> set[str]:
        """The codes of the refusal; nothing ran."""
        before = set(self.service.jobs)
        with pytest.raises(QueryRefused) as caught:
            await self.runner.run(sql, request)
        assert set(self.service.jobs) == before
        return {reason.code for reason in caught.value.reasons}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(googlesql_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    key = tmp_path_factory.mktemp("key") / "key.json"
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(LocalBigQuery(googlesql_cache).serving())
        engine = await stack.enter_async_context(EngineThread(googlesql_cache))
        await asyncio.to_thread(write_credentials, key)
        opened = BigQueryWarehouse.open(PROJECT, "US", api_endpoint=service.url, credentials_path=key)
        yield Shop(service, await stack.enter_async_context(opened), engine, key)


def asked(member: Member, *room: Member, channel: str = "C1", external: bool = False) -> QueryRequest:
    """In a channel with *room*, or alone."""
    audience = Audience("channel", channel, external, room) if room else Audience("asker", "D1", members=(member,))
    return QueryRequest(f"turn:{next(_TURNS)}", "T:C:1", Actor(member.user, "T"), audience, "?")


class Views:
    """The data team's hands: views are made and changed by the genuine client."""

    def __init__(self, client: bigquery.Client) -> None:
        self.client = client

    async def put(self, name: str, query: str) -> None:
        table = bigquery.Table(f"{PROJECT}.{name}")
        table.view_query = query
        await asyncio.to_thread(self.client.delete_table, table, not_found_ok=True)
        await asyncio.to_thread(self.client.create_table, table)

    async def change(self, name: str, query: str) -> None:
        table = await asyncio.to_thread(self.client.get_table, f"{PROJECT}.{name}")
        table.view_query = query
        await asyncio.to_thread(self.client.update_table, table, ["view_query"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def views(shop: Shop) -> AsyncIterator[Views]:
    credentials = await asyncio.to_thread(service_account.Credentials.from_service_account_file, str(shop.key))
    client = bigquery.Client(
        PROJECT,
        credentials.with_scopes(["https://www.googleapis.com/auth/bigquery"]),
        location="US",
        client_options=ClientOptions(api_endpoint=shop.service.url, universe_domain=UNIVERSE),
    )
    yield Views(client)
    client.close()
