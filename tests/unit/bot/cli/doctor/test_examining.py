"""Checks run side by side, behind what they need, each within its own time; none takes another with it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli.doctor.check import Check, examine_all, with_needs
from bot.cli.doctor.checks import CHECKS
from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.machine import Machine
from bot.cli.doctor.patient import Loaded, Patient, open_patient
from bot.settings import load_settings


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Patient]:
    settings = load_settings(
        _env_file=None,
        slack_bot_token="xoxb-planted",
        openai_api_key="planted-key",
        database_url="postgresql://bolt:planted-password@127.0.0.1/bolt",
    )
    async with open_patient(Loaded(settings), Machine(env_file=tmp_path / ".env", environ={})) as patient:
        yield patient


def says(outcome: Outcome | Exception, name: str = "") -> Check:
    async def examine(_: Patient) -> Outcome:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return Check(name or (outcome.message if isinstance(outcome, Outcome) else type(outcome).__name__), examine)


def behind(check: Check, *needs: str) -> Check:
    return Check(check.name, check.examine, needs)


async def test_what_needs_a_failed_check_is_skipped_and_says_because_of_what(patient: Patient) -> None:
    checks = (says(fail("a", "mend")), behind(says(ok("b")), "a"), behind(says(ok("c")), "b"), says(ok("d")))
    a, b, c, d = await examine_all(checks, patient)
    assert [one.state for one in (a, b, c, d)] == ["fail", "skipped", "skipped", "ok"]
    assert b.outcome.message == c.outcome.message == "because of a"


async def test_what_needs_a_warned_of_check_is_examined(patient: Patient) -> None:
    _, b = await examine_all((says(warn("a", "look")), behind(says(ok("b")), "a")), patient)
    assert b.state == "ok"


async def test_what_needs_a_skipped_check_is_skipped_for_the_same_reason(patient: Patient) -> None:
    a, b = await examine_all((says(Skip("nothing is set")), behind(says(ok("b")), "Skip")), patient)
    assert (a.outcome.message, b.outcome.message) == ("nothing is set", "nothing is set")


async def test_a_check_that_breaks_fails_alone(patient: Patient) -> None:
    broken, other = await examine_all((says(RuntimeError("no\nlonger")), says(ok("other"))), patient)
    assert (broken.state, broken.outcome.message) == ("fail", "the check itself broke: RuntimeError: no")
    assert other.state == "ok"


async def test_a_check_that_hangs_fails_at_its_deadline(patient: Patient) -> None:
    async def hang(_: Patient) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    hung, other = await examine_all((Check("hung", hang, seconds=0.01), says(ok("other"))), patient)
    assert (hung.state, other.state) == ("fail", "ok")
    assert "no answer within 0.01 s" in hung.outcome.message


async def test_no_secret_of_the_settings_is_told(patient: Patient) -> None:
    talkative = fail("xoxb-planted planted-key", "postgresql://bolt:planted-password@127.0.0.1/bolt")
    (found,) = await examine_all([says(talkative, "talkative")], patient)
    assert "planted" not in str(found.as_json())


async def test_settings_that_cannot_be_read_are_the_settings_check_s_to_tell() -> None:
    async def examine(patient: Patient) -> Outcome:
        return ok(patient.settings.openai_model)

    async with open_patient(Loaded(None), Machine(environ={})) as patient:
        (found,) = await examine_all([Check("model", examine)], patient)
    assert (found.state, found.outcome.message) == ("skipped", "because the settings cannot be read")


def test_a_check_is_chosen_with_what_it_needs_in_the_order_of_all() -> None:
    assert [check.name for check in with_needs(CHECKS, frozenset({"checkpoints", "disk"}))] == [
        "postgres",
        "rights",
        "migrations",
        "checkpoints",
        "disk",
    ]


def test_every_check_stands_behind_what_it_needs() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(names.index(need) < names.index(check.name) for check in CHECKS for need in check.needs)
