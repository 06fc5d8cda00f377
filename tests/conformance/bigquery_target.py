"""The BigQuery that test_bigquery_rest.py talks to: ours, or Google's where the environment names it.

Google's: DATA_BOLT_TEST_BIGQUERY_PROJECT (it pays) and GOOGLE_APPLICATION_CREDENTIALS; the tables are then those of
the public data set that the demo shop is shaped after.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.auth.transport.requests import AuthorizedSession
from google.cloud import bigquery
from google.oauth2 import service_account

from bot.local.bigquery.credentials import write_credentials
from bot.local.bigquery.service import LocalBigQuery

REAL_PROJECT = os.environ.get("DATA_BOLT_TEST_BIGQUERY_PROJECT")


@dataclass(frozen=True)
class Target:
    new_client: Callable[[], bigquery.Client]
    dataset: str
    """`project.dataset` of the shop."""
    local: LocalBigQuery | None
    """None where the target is Google's."""
    session: Callable[[], AuthorizedSession]
    """HTTP with the same tokens, for what the client library never sends."""


@contextmanager
def google_target() -> Iterator[Target]:
    yield Target(
        new_client=lambda: bigquery.Client(project=REAL_PROJECT, location="US"),
        dataset="bigquery-public-data.thelook_ecommerce",
        local=None,
        session=lambda: AuthorizedSession(bigquery.Client(project=REAL_PROJECT)._credentials),
    )


@contextmanager
def local_target(cache_dir: Path, folder: Path) -> Iterator[Target]:
    with running(LocalBigQuery(cache_dir)) as service:
        key_file = folder / "credentials.json"
        write_credentials(key_file)

        def credentials() -> service_account.Credentials:
            return service_account.Credentials.from_service_account_file(
                str(key_file), scopes=["https://www.googleapis.com/auth/bigquery"]
            )

        yield Target(
            new_client=lambda: bigquery.Client(
                project="demo-proj",
                credentials=credentials(),
                location="US",
                client_options={"api_endpoint": service.url},
            ),
            dataset="demo-proj.shop",
            local=service,
            session=lambda: AuthorizedSession(credentials()),
        )


@contextmanager
def running(service: LocalBigQuery, port: int = 0) -> Iterator[LocalBigQuery]:
    """*service* on a thread and a loop of its own: the client library blocks the test's."""
    is_up, stop = threading.Event(), asyncio.Event()
    failures: list[BaseException] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with service.serving(port=port):
            is_up.set()
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as failure:
            failures.append(failure)
        finally:
            is_up.set()

    thread = threading.Thread(target=run, name="local-bigquery")
    thread.start()
    is_up.wait()
    try:
        assert not failures, failures
        yield service
    finally:
        if thread.is_alive():
            loops[0].call_soon_threadsafe(stop.set)
        thread.join()
    assert not failures, failures
