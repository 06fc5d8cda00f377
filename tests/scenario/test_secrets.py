"""Secrets that were handed over by files and secrets that people wrote, looked for wherever they might turn up.

The services fail as badly as they can: their errors repeat the header and the body that they were sent.
"""

import json
import os
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from bot.storage.embedded import EmbeddedPostgres
from tests.fakes.collector import FakeCollector
from tests.scenario.echo_wire import MARK, EchoWire, bigquery_error, dumped, model_error, slack_error
from tests.scenario.house import ROOT, Daemon, House, open_house
from tests.scenario.process_watch import ProcessWatch

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at /proc"),
]

OURS = {
    "OPENAI_API_KEY": "wholly-shapeless-model-key",
    "DATABASE_URL": "shapeless-database-word",  # the password in it
    "OTEL_EXPORTER_OTLP_HEADERS": "shapeless-collector-word",  # the value of one of them
}
"""Beside Slack's tokens and Google's private key; no pattern knows these."""
WRITTEN = {
    "key": "sk-" + "live4f8a91b2c3d4e5f60718",
    "aws": "AKIA" + "PLANTEDINAWORD00",
    "password": "zebra7crossing9",
    "card": "4111 1111 1111 1111",
    "mail": "kim.planted@corp.example",
}
KEYS = [WRITTEN[name] for name in ("key", "aws", "password")]
"""A reply may name the other ones to who wrote them: as what a query has left out."""
QUESTION = (
    "How many orders were placed in 2025? My key is {key}, the other {aws}, password: {password}, card {card}, "
    "tell {mail}"
).format(**WRITTEN)
BY_DAY = (
    "SELECT DATE(created_at) AS day, COUNT(*) AS items FROM shop.order_items "
    "WHERE DATE(created_at) BETWEEN '2025-12-01' AND '2025-12-31' GROUP BY day ORDER BY day"
)
CONVERSATIONS = {"public.replies", "public.results", "public.approvals"}
"""Beside the inbox' payloads and the checkpoints: what somebody wrote is kept there, as bot/README.md says."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wires() -> AsyncIterator[dict[str, EchoWire]]:
    yield {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def collector() -> AsyncIterator[FakeCollector]:
    async with FakeCollector().serving() as collector:
        collector.status = 400  # until the daemon has told it
        yield collector


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    folder: Path, wires: dict[str, EchoWire], collector: FakeCollector, postgres_uri: str, googlesql_cache: Path
) -> AsyncIterator[House]:
    """Half of the secrets lie in .env, half in systemd's folder of credentials; none is in the environment."""
    async with open_house(folder, postgres_uri, googlesql_cache) as house, AsyncExitStack() as stack:
        environ = house.environ
        for name, path, shape in (
            ("SLACK_API_URL", "/api/", slack_error),
            ("BIGQUERY_API_ENDPOINT", "", bigquery_error),
            ("OPENAI_BASE_URL", "/v1", model_error),
        ):
            wires[name] = await stack.enter_async_context(EchoWire(environ[name].removesuffix(path), shape).serving())
            environ[name] = wires[name].url + path
        credentials = folder / "credentials"
        credentials.mkdir()
        (credentials / "slack_bot_token").write_text(environ.pop("SLACK_BOT_TOKEN"))
        with_password = environ.pop("DATABASE_URL").replace("postgres@", f"postgres:{OURS['DATABASE_URL']}@")
        (credentials / "database_url").write_text(with_password)
        (credentials / "otel_exporter_otlp_headers").write_text(f"x-key={OURS['OTEL_EXPORTER_OTLP_HEADERS']}")
        environ["OTEL_BSP_SCHEDULE_DELAY"] = "50"  # milliseconds
        del environ["OPENAI_API_KEY"]
        dotenv = {
            "SLACK_APP_TOKEN": environ.pop("SLACK_APP_TOKEN"),
            "OPENAI_API_KEY": OURS["OPENAI_API_KEY"],
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in dotenv.items()))
        environ |= {"CREDENTIALS_DIRECTORY": str(credentials), "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"}
        await house.start_daemon(folder)
        yield house


def our_secrets(house: House) -> list[str]:
    key = json.loads(Path(house.environ["GOOGLE_APPLICATION_CREDENTIALS"]).read_text())["private_key"]
    lines = [line for line in key.splitlines() if len(line) > 30]
    return [*OURS.values(), house.workspace.bot_token, house.workspace.app_token, *lines]


def found(secrets: Iterable[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


def rows(uri: str) -> dict[str, str]:
    """Every table of the database as one text; of the inbox without what people said."""
    with psycopg.connect(uri) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        kept: dict[str, str] = {}
        for schema, table in tables:
            columns = "to_jsonb(t) - 'payload'" if table == "inbox" else "to_jsonb(t)"
            query = f'SELECT {columns} FROM "{schema}"."{table}" AS t'
            kept[f"{schema}.{table}"] = dumped(connection.execute(query.encode()).fetchall())
        return kept


async def reply_of(house: House, ts: str, words: str) -> dict[str, Any]:
    return await house.until(
        lambda: next((m for m in house.workspace.answers("C0GENERAL", ts) if words in dumped(m)), None)
    )


def has_ended_well(collector: FakeCollector, ts: str) -> bool:
    """The try at *ts* that answered it is traced, and whatever came before it."""
    return any(ts in span.attributes["slackbot.item.id"] and not span.is_error for span in collector.named("turn"))


def look_through_traces(house: House, collector: FakeCollector) -> None:
    """For words and SQL as well."""
    assert {OURS["OTEL_EXPORTER_OTLP_HEADERS"]} == {headers["x-key"] for headers in collector.headers}
    assert [span for span in collector.spans if span.is_error], "errors that repeat our requests were traced"
    sent = "\n".join(collector.texts)
    assert found([*our_secrets(house), *WRITTEN.values(), "were placed", "order_items"], sent) == []


async def test_while_it_works_and_while_everything_fails_no_secret_turns_up(
    house: House,
    *,
    wires: dict[str, EchoWire],
    collector: FakeCollector,
    postgres: EmbeddedPostgres,
    postgres_uri: str,
    folder: Path,
):
    with ProcessWatch(house.daemon.pid) as processes:
        first = await house.ask(QUESTION)
        await reply_of(house, first, "2,442")
        await house.until(lambda: house.daemon.named("traces.not_exported"))
        collector.status = 200
        await house.ask(BY_DAY)
        await house.until(lambda: processes.has_seen("bot.charts.painter"))

        wires["OPENAI_BASE_URL"].fail_next("/chat/completions", times=1_000)
        await reply_of(house, await house.ask(QUESTION), MARK)
        wires["OPENAI_BASE_URL"].fail_next("/chat/completions", times=0)
        wires["BIGQUERY_API_ENDPOINT"].fail_next("/jobs", times=1)
        await house.answered(await house.ask(QUESTION))
        assert wires["BIGQUERY_API_ENDPOINT"].has_failed
        wires["SLACK_API_URL"].fail_next("chat.update", times=1_000)
        last = await house.ask(QUESTION)
        await house.until(lambda: house.daemon.named("inbox.item_failed"))
        wires["SLACK_API_URL"].fail_next("chat.update", times=0)
        await reply_of(house, last, "2,442")
        await house.until(lambda: has_ended_well(collector, last))
        os.kill(house.daemon.pid, signal.SIGABRT)
        assert await house.daemon.ended() == -signal.SIGABRT

    log = "\n".join(house.daemon.lines)
    assert log.count(MARK) >= 2, "the errors that repeat our requests were logged"
    assert "Fatal Python error: Aborted" in log
    assert found([*our_secrets(house), *WRITTEN.values()], log) == []
    assert "from shop" not in log.lower(), "no SQL either"

    assert found([*our_secrets(house), *WRITTEN.values()], processes.everything) == []
    assert "/credentials" in processes.everything, "the environments were read"

    look_through_traces(house, collector)

    posted = [dumped(call.args) for call in house.workspace.calls if call.method != "apps.connections.open"]
    assert found(our_secrets(house), "\n".join(posted)) == []
    failures = [text for text in posted if MARK in text]
    assert failures, "people were told what a service said"
    assert found(KEYS, "\n".join(failures)) == []

    asked = dumped([request.messages for request in house.model.requests])
    assert "2025" in asked
    assert found(WRITTEN.values(), asked) == []

    tables = rows(postgres_uri)
    assert "SlackApiError" in tables["public.inbox"], "the error stands in the inbox"
    assert found(our_secrets(house), "\n".join(tables.values())) == []
    assert tables["public.audit"].count("2025") >= 2
    kept = [name for name, text in tables.items() if found(WRITTEN.values(), text)]
    assert {name for name in kept if not name.startswith("langgraph.")} <= CONVERSATIONS

    servers_log = (postgres.base / "postgres.log").read_text(errors="replace")
    assert found([*our_secrets(house), *WRITTEN.values()], servers_log) == []
    own = {folder / ".env", Path(house.environ["GOOGLE_APPLICATION_CREDENTIALS"]), *(folder / "credentials").iterdir()}
    files = [path for path in folder.rglob("*") if path.is_file() and path not in own]
    left = [path for path in files if found(our_secrets(house), path.read_bytes().decode(errors="replace"))]
    assert left == []
    assert not [path for path in files if path.name.startswith("core")]


async def test_a_start_that_fails_names_no_password(house: House, folder: Path):
    dead = Daemon(
        {**house.environ, "DATABASE_URL": f"postgresql://bolt:{OURS['DATABASE_URL']}@127.0.0.1:1/bolt"}, folder
    )
    await dead.start()
    assert await dead.ended() == 1
    (line,) = dead.named("daemon.cannot_start")
    assert "Postgres" in line["reason"]
    assert found(our_secrets(house), "\n".join(dead.lines)) == []
