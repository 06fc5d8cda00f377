"""What the genuine client library is answered, by the local BigQuery and by Google's alike."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest, Conflict, Forbidden, GoogleAPICallError, NotFound
from google.cloud import bigquery

from bot.local.bigquery.service import LocalBigQuery
from tests.conformance.bigquery_target import REAL_PROJECT, Target, google_target, local_target, running

MEGABYTE = 1 << 20


if REAL_PROJECT:

    @pytest.fixture
    def _only_loopback() -> None:
        """Whoever names a real project wants the network."""


@pytest.fixture(scope="module", params=["local", *(["google"] if REAL_PROJECT else [])])
def target(
    request: pytest.FixtureRequest, googlesql_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    if request.param == "local":
        with local_target(googlesql_cache, tmp_path_factory.mktemp("bigquery")) as opened:
            yield opened
    else:
        with google_target() as opened:
            yield opened


@pytest.fixture
def client(target: Target) -> Iterator[bigquery.Client]:
    opened = target.new_client()
    yield opened
    opened.close()


@pytest.fixture
def service(target: Target) -> Iterator[LocalBigQuery]:
    """The local service itself, where a test needs a slow job or a look at what was asked."""
    if target.local is None:
        pytest.skip("only the local service can be told to be slow")
    yield target.local
    target.local.delay_seconds = 0


def new_job_id() -> str:
    return f"databolt_{uuid.uuid4().hex}"


def query(client: bigquery.Client, sql: str, job_id: str | None = None, **config: Any) -> bigquery.QueryJob:
    """Insert a job; nothing is tried again behind the test's back."""
    job_config = bigquery.QueryJobConfig(use_query_cache=False, **config)
    return client.query(sql, job_config=job_config, job_id=job_id or new_job_id(), job_retry=None, retry=None)


def rows(client: bigquery.Client, sql: str) -> list[tuple[Any, ...]]:
    return [row.values() for row in query(client, sql).result(retry=None)]


def reasons(error: GoogleAPICallError) -> list[str]:
    return [detail["reason"] for detail in error.errors]


def test_a_query_gives_its_rows_with_their_types(client: bigquery.Client):
    [row] = query(
        client,
        "SELECT 1 AS n, 1.5 AS f, 'a' AS s, TRUE AS b, DATE '2025-01-02' AS d, TIMESTAMP '2025-01-02 03:04:05+00' AS t,"
        " NUMERIC '1.50' AS m, [1, 2] AS a, STRUCT(1 AS x) AS r, CAST(NULL AS STRING) AS z",
    ).result()
    assert [type(value).__name__ for value in row.values()] == [
        *("int", "float", "str", "bool", "date", "datetime", "Decimal", "list", "dict", "NoneType"),
    ]
    assert (row.t.isoformat(), row.a, row.r) == ("2025-01-02T03:04:05+00:00", [1, 2], {"x": 1})


def test_a_dry_run_prices_a_statement_and_runs_nothing(client: bigquery.Client, target: Target):
    job = client.query(
        f"SELECT status, COUNT(*) AS n FROM `{target.dataset}.orders` GROUP BY status",
        job_config=bigquery.QueryJobConfig(dry_run=True, use_query_cache=False),
    )
    assert job.statement_type == "SELECT"
    assert job.total_bytes_processed > 0
    assert [(field.name, field.field_type) for field in job.schema] == [("status", "STRING"), ("n", "INTEGER")]
    assert [str(table) for table in job.referenced_tables] == [f"{target.dataset}.orders"]
    assert job._properties["statistics"]["query"]["totalBytesProcessedAccuracy"] == "PRECISE"
    assert job.state == "DONE"
    assert job.job_id is None


def test_a_dry_run_leaves_no_job_behind(client: bigquery.Client, service: LocalBigQuery):
    before = set(service.jobs)
    client.query("SELECT 1", job_config=bigquery.QueryJobConfig(dry_run=True))
    assert set(service.jobs) == before


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("DELETE FROM shop.orders WHERE TRUE", "DELETE"),
        ("CREATE TABLE shop.x AS SELECT 1 AS a", "CREATE_TABLE_AS_SELECT"),
        ("DROP TABLE shop.orders", "DROP_TABLE"),
        ("SELECT 1; SELECT 2", "SCRIPT"),
    ],
)
def test_a_write_is_named_in_a_dry_run_and_denied_in_earnest(
    client: bigquery.Client, service: LocalBigQuery, sql: str, kind: str
):
    job = client.query(sql, job_config=bigquery.QueryJobConfig(dry_run=True))
    assert job.statement_type == kind
    with pytest.raises(Forbidden) as caught:
        query(client, sql).result(retry=None)
    assert reasons(caught.value) == ["accessDenied"]
    assert rows(client, "SELECT COUNT(*) FROM shop.orders") == [(2861,)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", 'Syntax error: Unexpected identifier "SELEC" at [1:1]'),
        ("SELECT nope FROM `{dataset}.orders`", "Unrecognized name: nope at [1:8]"),
    ],
)
def test_a_wrong_statement_is_refused_with_its_place(client: bigquery.Client, target: Target, sql: str, message: str):
    with pytest.raises(BadRequest) as caught:
        query(client, sql.format(dataset=target.dataset)).result(retry=None)
    assert message in str(caught.value)
    assert reasons(caught.value) == ["invalidQuery"]


def test_a_table_that_is_not_there_is_not_found_in_its_location(client: bigquery.Client, target: Target):
    with pytest.raises(NotFound) as caught:
        query(client, f"SELECT * FROM `{target.dataset}.nope`").result(retry=None)
    project, dataset = target.dataset.split(".")
    assert f"Not found: Table {project}:{dataset}.nope was not found in location US" in str(caught.value)


def test_a_known_job_id_is_a_conflict_and_leads_to_the_same_job(client: bigquery.Client):
    job_id = new_job_id()
    query(client, "SELECT 1 AS n", job_id).result()
    with pytest.raises(Conflict) as caught:
        query(client, "SELECT 2 AS n", job_id)
    assert f":US.{job_id}" in str(caught.value)
    assert [row.n for row in client.get_job(job_id).result()] == [1]


def test_of_two_inserts_of_one_id_at_once_one_makes_the_job(client: bigquery.Client, service: LocalBigQuery):
    job_id = new_job_id()

    def insert(_: int) -> str:
        try:
            query(client, "SELECT COUNT(*) FROM shop.orders", job_id)
        except Conflict:
            return "conflict"
        return "inserted"

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(insert, range(6)))
    assert sorted(outcomes) == ["conflict"] * 5 + ["inserted"]
    assert list(service.jobs).count(job_id) == 1


def test_a_job_over_its_cap_fails_and_bills_nothing(client: bigquery.Client, target: Target):
    job = query(client, f"SELECT order_id FROM `{target.dataset}.orders`", maximum_bytes_billed=MEGABYTE)
    with pytest.raises(GoogleAPICallError) as caught:
        job.result(retry=None)
    assert "bytesBilledLimitExceeded" in reasons(caught.value)
    assert f"Query exceeded limit for bytes billed: {MEGABYTE}." in str(caught.value)
    job.reload()
    assert (job.state, job.total_bytes_billed or 0) == ("DONE", 0)


def test_a_job_within_its_cap_bills_ten_megabytes_for_a_small_table(client: bigquery.Client, target: Target):
    job = query(client, f"SELECT id FROM `{target.dataset}.distribution_centers`", maximum_bytes_billed=10 * MEGABYTE)
    job.result()
    assert (job.total_bytes_billed, job.cache_hit) == (10 * MEGABYTE, False)
    assert 0 < job.total_bytes_processed < MEGABYTE


def test_labels_stay_with_the_job(client: bigquery.Client):
    job_id = new_job_id()
    query(client, "SELECT 1", job_id, labels={"app": "data-bolt", "turn": "abc"}).result()
    assert client.get_job(job_id).labels == {"app": "data-bolt", "turn": "abc"}


def test_long_results_come_in_pages(client: bigquery.Client):
    result = query(client, "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n ORDER BY n").result(page_size=1000)
    pages = [[row.n for row in page] for page in result.pages]
    assert [len(page) for page in pages] == [1000, 1000, 500]
    assert [n for page in pages for n in page] == list(range(1, 2501))
    assert result.total_rows == 2500


def test_as_many_rows_as_asked_for_and_from_where(client: bigquery.Client):
    job = query(client, "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 100)) AS n ORDER BY n")
    assert [row.n for row in job.result(max_results=3)] == [1, 2, 3]
    # A job object keeps its first page for good: another one asks again.
    assert [row.n for row in client.get_job(job.job_id).result(start_index=97)] == [98, 99, 100]


def test_the_short_way_of_asking_works_too(client: bigquery.Client):
    result = client.query_and_wait("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 5)) AS n", page_size=2, job_retry=None)
    assert sorted(row.n for row in result) == [1, 2, 3, 4, 5]


def test_a_job_outlives_the_client_that_made_it(target: Target, service: LocalBigQuery):
    service.delay_seconds = 0.3
    first = target.new_client()
    job_id = new_job_id()
    assert query(first, "SELECT COUNT(*) AS n FROM shop.orders", job_id).state in ("PENDING", "RUNNING")
    first.close()
    second = target.new_client()
    assert [row.n for row in second.get_job(job_id).result()] == [2861]
    second.close()


def test_a_running_job_is_told_to_be_unfinished_until_it_is_done(client: bigquery.Client, service: LocalBigQuery):
    service.delay_seconds = 0.3
    job = query(client, "SELECT 1 AS n")
    assert not job.done(retry=None)
    assert [row.n for row in job.result()] == [1]
    assert job.done(retry=None)


def test_a_cancelled_job_ends_at_once_as_stopped(client: bigquery.Client, service: LocalBigQuery):
    service.delay_seconds = 3600
    job = query(client, "SELECT 1")
    client.cancel_job(job.job_id, retry=None)
    with pytest.raises(GoogleAPICallError) as caught:
        job.result(retry=None)
    assert reasons(caught.value) == ["stopped"]
    assert "Job execution was cancelled: User requested cancellation" in str(caught.value)
    assert client.get_job(job.job_id).error_result["reason"] == "stopped"


def test_a_job_is_cancelled_in_the_middle_of_its_query_and_the_next_one_runs(
    client: bigquery.Client, service: LocalBigQuery
):
    endless = query(client, "SELECT COUNT(*) FROM shop.order_items AS a, shop.order_items AS b, shop.events")
    client.cancel_job(endless.job_id, retry=None)
    with pytest.raises(GoogleAPICallError) as caught:
        endless.result(retry=None)
    assert reasons(caught.value) == ["stopped"]
    assert rows(client, "SELECT COUNT(*) FROM shop.orders") == [(2861,)]


def test_cancelling_a_finished_job_changes_nothing(client: bigquery.Client):
    job = query(client, "SELECT 1 AS n")
    job.result()
    client.cancel_job(job.job_id, retry=None)
    assert client.get_job(job.job_id).error_result is None


def test_a_job_ends_at_its_own_timeout(client: bigquery.Client, service: LocalBigQuery):
    service.delay_seconds = 3600
    with pytest.raises(GoogleAPICallError) as caught:
        query(client, "SELECT 1", job_timeout_ms=100).result(retry=None)
    assert reasons(caught.value) == ["stopped"]
    assert "timed out" in str(caught.value)


def test_jobs_are_listed_newest_first(client: bigquery.Client):
    ids = [new_job_id(), new_job_id()]
    for job_id in ids:
        query(client, "SELECT 1", job_id).result()
    assert [job.job_id for job in client.list_jobs(max_results=50) if job.job_id in ids] == [ids[1], ids[0]]
    assert all(job.state == "DONE" for job in client.list_jobs(max_results=5, state_filter="done"))


def test_an_unknown_job_is_not_found(client: bigquery.Client):
    with pytest.raises(NotFound):
        client.get_job(new_job_id(), retry=None)


def test_tables_are_listed_and_described(client: bigquery.Client, target: Target):
    assert {"orders", "order_items", "products"} <= {table.table_id for table in client.list_tables(target.dataset)}
    table = client.get_table(f"{target.dataset}.orders")
    assert {"order_id": "INTEGER", "status": "STRING", "created_at": "TIMESTAMP"}.items() <= {
        field.name: field.field_type for field in table.schema
    }.items()
    assert table.num_rows > 0
    assert table.num_bytes > 0
    assert table.modified.year >= 2024


def test_a_dataset_that_is_not_there_is_not_found(client: bigquery.Client):
    with pytest.raises(NotFound):
        list(client.list_tables("nowhere", retry=None))


def test_descriptions_carry_the_rules_and_tags_mark_personal_columns(client: bigquery.Client, service: LocalBigQuery):
    items = client.get_table("demo-proj.shop.order_items")
    assert "NOT IN ('Cancelled', 'Returned')" in " ".join(items.description.split())
    users = {field.name: field for field in client.get_table("demo-proj.shop.users").schema}
    assert users["email"].policy_tags.names
    assert users["country"].policy_tags is None


def test_daily_tables_are_read_together_and_alone(client: bigquery.Client, service: LocalBigQuery):
    assert rows(client, "SELECT COUNT(*) FROM `web.events_*` WHERE _TABLE_SUFFIX = '20251201'") == [(98,)]
    assert rows(client, "SELECT COUNT(*) FROM web.events_20251201") == [(98,)]
    assert "events_20251210" in {table.table_id for table in client.list_tables("web")}


def test_a_request_without_a_token_is_refused(target: Target, service: LocalBigQuery):
    session = target.session()
    session.credentials.token = "not-one-of-ours"
    address = f"{service.url}/bigquery/v2/projects/demo-proj/datasets"
    # The session signs a token of its own when it is told that this one is not good.
    answer = session.get(address)
    assert answer.status_code == 200
    assert session.credentials.token != "not-one-of-ours"
    session.headers["Authorization"] = ""
    refused = super(type(session), session).request("GET", address)
    assert refused.status_code == 401
    assert refused.json()["error"]["status"] == "UNAUTHENTICATED"
    session.close()


def test_an_unknown_path_is_answered_in_the_apis_own_form(target: Target, service: LocalBigQuery):
    session = target.session()
    error = session.get(f"{service.url}/bigquery/v2/projects/demo-proj/nonsense").json()["error"]
    assert (error["code"], error["status"], error["errors"][0]["reason"]) == (404, "NOT_FOUND", "notFound")
    other = session.get(f"{service.url}/bigquery/v2/projects/other/datasets").json()["error"]
    assert other["code"] == 404
    session.close()


def test_a_body_that_is_no_json_is_refused(target: Target, service: LocalBigQuery):
    session = target.session()
    answer = session.post(f"{service.url}/bigquery/v2/projects/demo-proj/jobs", data="{not json")
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, "parseError")
    session.close()


def test_a_client_goes_on_after_the_service_was_restarted(googlesql_cache: Path, tmp_path: Path):
    with local_target(googlesql_cache, tmp_path) as first:
        client = first.new_client()
        assert rows(client, "SELECT 1") == [(1,)]
        port = int(first.local.url.rpartition(":")[2])
    with running(LocalBigQuery(googlesql_cache), port):
        assert rows(client, "SELECT 2") == [(2,)]
    client.close()
