"""botctl doctor finds each planted fault, says how to mend it and blames nothing else; of what is well it says so."""

import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.cli.doctor.checks import CHECKS
from bot.storage.embedded import EmbeddedPostgres
from tests.integration.doctor.faults_of_machines import MACHINES, POLICY, WRONG_TEST, policy_file
from tests.integration.doctor.faults_of_services import PASSWORD, SERVICES
from tests.integration.doctor.ward import Fault, Ward, open_ward

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAULTS = {**SERVICES, **MACHINES}
OF_THE_MACHINE = frozenset({
    "settings", "setting-names", "secret-files", "sql-engine", "fonts", "packages", "disk", "memory", "units",
    "service", "backups",
})  # fmt: skip
ENGINE = frozenset({"sql-engine", "policy-tests"})
OF_SERVICES = frozenset(check.name for check in CHECKS) - OF_THE_MACHINE - ENGINE
"""A fault of the one cannot show in the other: only the half that it is in is examined again."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ward(
    tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres, googlesql_cache: Path
) -> AsyncIterator[Ward]:
    async with open_ward(tmp_path_factory.mktemp("ward"), postgres.uri, googlesql_cache) as ward:
        with socket.socket() as held:  # bound and not listening: nobody answers there, and nobody else can take it
            held.bind(("127.0.0.1", 0))
            ward.settings["health_port"] = held.getsockname()[1]
            yield ward


def half_of(check: str) -> frozenset[str]:
    return OF_THE_MACHINE if check in OF_THE_MACHINE else OF_SERVICES | {check}


async def test_where_all_is_well_every_check_says_so(ward: Ward) -> None:
    async with policy_file(POLICY + WRONG_TEST.replace("deny", "allow"))(ward) as case:
        findings = await ward.examine(case)
    assert [*findings] == [check.name for check in CHECKS]
    assert {name: finding.outcome for name, finding in findings.items() if finding.state != "ok"} == {}
    assert "Local workspace" in findings["bot-token"].outcome.message


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_a_planted_fault_is_found_and_nothing_else_is_blamed(ward: Ward, fault: Fault) -> None:
    async with fault.plant(ward) as case:
        findings = await ward.examine(case, half_of(fault.check))
    unwell = {name: finding for name, finding in findings.items() if finding.state in ("warn", "fail")}
    assert [*unwell] == [fault.check], {name: finding.outcome for name, finding in unwell.items()}
    found = unwell[fault.check]
    assert found.state == fault.state
    assert fault.says in found.outcome.message
    assert fault.mends in found.outcome.remedy
    told = json.dumps([finding.as_json() for finding in findings.values()])
    assert not [secret for secret in (PASSWORD, "sk-planted-model-key") if secret in told]
