"""What cannot be planted cheaply: said of facts as the services would have told them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.llm.trial import EndpointFault, Trial
from bot.cli.doctor.bigquery_checks import examine_price
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.model_checks import examine_model
from bot.cli.doctor.once import Once
from bot.cli.doctor.patient import Loaded, Patient, open_patient
from bot.cli.doctor.postgres_checks import examine_pooler, examine_postgres
from bot.cli.doctor.settings_checks import examine_settings
from bot.settings import load_settings
from bot.storage.server_facts import ServerFacts

SETTINGS = load_settings(_env_file=None, openai_base_url="http://127.0.0.1:1/v1", bigquery_location="mars-north1")
FACTS = ServerFacts(
    major=18,
    version="18.1",
    encoding="UTF8",
    is_read_only=False,
    pooling="none",
    role="bolt",
    database="bolt",
    owner="",
    may_create_schema=True,
    may_create_tables=True,
    unusable_tables=(),
    revision="0001",
    known_revisions=("0001",),
    checkpoint_tables=("checkpoints",),
    unusable_checkpoint_tables=(),
    max_connections=100,
    connections_left_for_us=97,
)


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Patient]:
    async with open_patient(Loaded(SETTINGS), Machine(env_file=tmp_path / ".env", environ={})) as patient:
        yield patient


def answers(patient: Patient, facts: ServerFacts) -> None:
    async def ask() -> ServerFacts:
        return facts

    patient.postgres = Once(ask, "planted-facts")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (replace(FACTS, major=13, version="13.9"), "13.9 is too old"),
        (replace(FACTS, is_read_only=True), "takes no writes"),
        (replace(FACTS, encoding="SQL_ASCII"), "SQL_ASCII"),
    ],
)
async def test_a_server_that_cannot_serve_is_refused(patient: Patient, facts: ServerFacts, says: str) -> None:
    answers(patient, facts)
    found = await examine_postgres(patient)
    assert (found.state, says in found.message, bool(found.remedy)) == ("fail", True, True)


async def test_a_pooler_is_fine_by_session_and_none_by_transaction(patient: Patient) -> None:
    answers(patient, replace(FACTS, pooling="transaction"))
    assert (await examine_pooler(patient)).state == "fail"
    answers(patient, replace(FACTS, pooling="session"))
    assert (await examine_pooler(patient)).state == "ok"


@pytest.mark.parametrize(
    ("trial", "state", "says"),
    [
        (Trial(None, seconds=0.5, is_enforced=True), "ok", "answers in 0.5 s"),
        (Trial(None, seconds=31.0, is_enforced=True), "warn", "answers in 31.0 s"),
        (Trial(EndpointFault.BUSY, "HTTP 429"), "warn", "takes no request now"),
        (Trial(EndpointFault.OTHER, "teapot"), "fail", "teapot"),
    ],
)
async def test_a_model_is_told_by_how_its_trial_went(patient: Patient, trial: Trial, state: str, says: str) -> None:
    async def ask() -> Trial:
        return trial

    patient.model = Once(ask, "planted-trial")
    found = await examine_model(patient)
    assert (found.state, says in found.message) == (state, True)


async def test_nobody_is_told_of_an_address_that_is_not_set(patient: Patient) -> None:
    async def ask() -> Trial:
        return Trial(EndpointFault.UNREACHABLE, "no connection")

    openais = load_settings(_env_file=None, openai_api_key="sk-planted")
    async with open_patient(Loaded(openais), patient.machine) as without_address:
        without_address.model = Once(ask, "planted-trial")
        assert "api.openai.com" in (await examine_model(without_address)).remedy
    patient.model = Once(ask, "planted-trial")
    assert "OPENAI_BASE_URL" in (await examine_model(patient)).remedy


async def test_a_location_without_a_list_price_wants_one(patient: Patient) -> None:
    found = await examine_price(patient)
    assert found.state == "fail"
    assert "mars-north1" in found.message
    assert "BIGQUERY_USD_PER_TIB" in found.remedy


async def test_secrets_that_only_root_may_read_are_not_taken_for_missing(patient: Patient, tmp_path: Path) -> None:
    sealed = tmp_path / "secrets"
    sealed.mkdir()
    machine = replace(patient.machine, secrets_folders=(sealed,), is_closed=lambda _: True)
    async with open_patient(Loaded(SETTINGS), machine) as ordinary_user:
        found = await examine_settings(ordinary_user)
    assert found.state == "fail"
    assert str(sealed) in found.message
    assert "sudo botctl doctor" in found.remedy
