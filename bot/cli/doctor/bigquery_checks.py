"""BigQuery: whose credentials, may they run jobs, are the datasets there and readable, is the price known?"""

import asyncio
import stat
from contextlib import AbstractAsyncContextManager
from typing import Final

from agent.bigquery.client import BigQueryWarehouse
from agent.bigquery.credentials import UnusableCredentials, describe_credentials
from agent.bigquery.pricing import ON_DEMAND_USD_PER_TIB
from agent.errors import AccessDenied, CredentialsRefused, NotFound, WarehouseError, WarehouseUnavailable
from bot.agent_settings import access_policy, price
from bot.cli.doctor.dates import Unreachable
from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.patient import Patient
from bot.cli.doctor.unit_files import denies_metadata_service
from bot.settings import ConfigurationError, Settings

_RETRY_SECONDS: Final = 2.0
_SHOWN: Final = 4


async def examine_credentials(patient: Patient) -> Outcome:
    return await asyncio.to_thread(_look_at_credentials, patient)


async def examine_bigquery(patient: Patient) -> Outcome:
    """A dry run needs the right to run jobs, and costs nothing."""
    project = _project(patient.settings)
    try:
        await patient.bigquery()
    except Unreachable as unreachable:
        return fail(str(unreachable), "Open the way out to it, port 443 (HTTPS_PROXY where there is a proxy).")
    try:
        async with _warehouse(patient.settings, project) as warehouse:
            await warehouse.dry_run("SELECT 1")
    except WarehouseError as error:
        return _refused_dry_run(error, patient.settings.bigquery_location, project)
    return ok(f"a dry run in {project} is accepted")


async def examine_datasets(patient: Patient) -> Outcome:
    settings = patient.settings
    project = _project(settings)
    try:
        policy = await asyncio.to_thread(access_policy, settings)
    except ConfigurationError:
        raise Skip("because of policy" if settings.policy_file else "because of settings") from None
    datasets = sorted(policy.latest.datasets)
    if not datasets:
        raise Skip("no dataset is named")
    async with _warehouse(settings, project) as warehouse:
        looked = await asyncio.gather(*(_wrong_with(warehouse, settings, dataset) for dataset in datasets))
    wrong = [found for found in looked if found]
    if wrong:
        return fail("; ".join(what for what, _ in wrong), " ".join(dict.fromkeys(remedy for _, remedy in wrong)))
    more = f" and {len(datasets) - _SHOWN} more" if len(datasets) > _SHOWN else ""
    return ok(f"{', '.join(datasets[:_SHOWN])}{more}: readable, in {settings.bigquery_location}")


async def examine_price(patient: Patient) -> Outcome:
    settings = patient.settings
    try:
        known = price(settings)
    except ConfigurationError as error:
        return fail(str(error).rstrip("."), "Set BIGQUERY_USD_PER_TIB to what a TiB costs you.")
    if settings.bigquery_pricing == "capacity":
        return ok("slots are paid for: a query costs nothing more")
    listed = ON_DEMAND_USD_PER_TIB.get(settings.bigquery_location.lower())
    whose = "as you say" if settings.bigquery_usd_per_tib is not None else "list price"
    beside = f" (the list says {listed:g})" if listed is not None and listed != known.usd_per_tib else ""
    return ok(f"{known.usd_per_tib:g} dollars a TiB in {settings.bigquery_location}, {whose}{beside}")


def _refused_dry_run(error: WarehouseError, location: str, project: str) -> Outcome:
    words = _words(error)
    match error:
        case CredentialsRefused():
            return fail(
                f"Google takes no credentials of ours: {words}",
                "Set GOOGLE_APPLICATION_CREDENTIALS to a key that is in force, or to a federation's file; "
                "on Google's machines attach a service account.",
            )
        case AccessDenied():
            return fail(
                f"no job may be run in {project}: {words}",
                f"Grant the service account *BigQuery Job User* on the project {project}.",
            )
        case NotFound():
            return fail(
                f"there is no project {project}: {words}", "Is BIGQUERY_PROJECT its id, not its name or number?"
            )
        case WarehouseUnavailable():
            return fail(f"it does not answer: {words}", "Wait; look at status.cloud.google.com.")
        case _:
            return fail(words, f"Is BIGQUERY_LOCATION ({location}) one of BigQuery's?")


def _look_at_credentials(patient: Patient) -> Outcome:
    path = patient.settings.google_application_credentials
    if path is None:
        return ok("GOOGLE_APPLICATION_CREDENTIALS is not set: whatever this machine's default credentials are")
    try:
        described = describe_credentials(path)
    except UnusableCredentials as error:
        return fail(
            f"GOOGLE_APPLICATION_CREDENTIALS: {error}",
            "Name a service account's key, or a federation's file (gcloud iam ... create-cred-config).",
        )
    if described.kind == "service_account":
        if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
            return warn(f"everybody on this machine can read the key {path}", f"chmod o= {path}")
        return ok(f"the key of {described.identity}; a workload identity federation needs no key to be kept")
    if described.asks_aws_metadata and denies_metadata_service(patient.machine):
        return fail(
            f"{path} asks AWS's metadata service, which slack-bot.service keeps from the daemon",
            "Let it: a drop-in with IPAddressAllow=169.254.169.254 (deploy/ec2/metadata.conf is one).",
        )
    return ok(f"workload identity federation as {described.identity}")


async def _wrong_with(warehouse: BigQueryWarehouse, settings: Settings, dataset: str) -> tuple[str, str] | None:
    try:
        location = await warehouse.dataset_location(dataset)
    except AccessDenied as error:
        remedy = "Grant the service account *BigQuery Data Viewer* on them."
        return f"{dataset} may not be read: {_words(error)}", remedy
    except NotFound:
        remedy = f"Mend the names in {'the policy' if settings.policy_file else 'BIGQUERY_DATASETS'}."
        return f"there is no dataset {dataset}", remedy
    except WarehouseError as error:
        return f"{dataset} cannot be looked at: {_words(error)}", "Wait, and ask again."
    if location.lower() != settings.bigquery_location.lower():
        remedy = f"Set BIGQUERY_LOCATION to {location}: a job reads what lies where it runs, nothing else."
        return f"{dataset} lies in {location}, and jobs run in {settings.bigquery_location}", remedy
    return None


def _warehouse(settings: Settings, project: str) -> AbstractAsyncContextManager[BigQueryWarehouse]:
    return BigQueryWarehouse.open(
        project,
        settings.bigquery_location,
        api_endpoint=settings.bigquery_api_endpoint,
        credentials_path=settings.google_application_credentials,
        retry_seconds=_RETRY_SECONDS,
    )


def _project(settings: Settings) -> str:
    if not settings.bigquery_project:
        raise Skip("because BIGQUERY_PROJECT is not set")
    return settings.bigquery_project


def _words(error: WarehouseError) -> str:
    return error.detail.strip().rstrip(".")[:300] or type(error).__name__
