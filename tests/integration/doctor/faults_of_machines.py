"""Faults of the settings, of files, and of the machine: planted in files, or in what the machine says of itself."""

import json
import shutil
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from bot.cli.doctor.machine import Space
from bot.cli.doctor.patient import Loaded
from bot.local.model.loopback import on_loopback
from bot.settings import ConfigurationError
from tests.integration.doctor.ward import GIB, Case, Fault, Plant, Ward, healthy_systemctl, on_machine, with_settings

FEDERATION: Final = {
    "type": "external_account",
    "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws",
    "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request",
    "token_url": "https://sts.googleapis.com/v1/token",
    "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/b@p:x",
    "credential_source": {"environment_id": "aws1"},
}
POLICY: Final = """version: 1
grants:
  - to: [everyone]
    read: [shop.orders]
"""
WRONG_TEST: Final = "tests:\n  - {sql: SELECT COUNT(*) FROM shop.orders, user: U1, expect: deny}\n"


@asynccontextmanager
async def settings_unreadable(_: Ward) -> AsyncGenerator[Case]:
    yield Case({}, {}, Loaded(None, ConfigurationError("WORKERS is wrong: it is to be a number.")))


def env_file(text: str, mode: int = 0o600) -> Plant:
    @asynccontextmanager
    async def plant(ward: Ward) -> AsyncGenerator[Case]:
        file = ward.folder / ".env"
        file.write_text(text)
        file.chmod(mode)
        yield Case({}, {})
        file.unlink()

    return plant


def credentials_file(content: object, mode: int = 0o600) -> Plant:
    """With *content* as JSON; None: the ward's own key."""

    @asynccontextmanager
    async def plant(ward: Ward) -> AsyncGenerator[Case]:
        file = ward.folder / "other-key.json"
        own = ward.settings["google_application_credentials"]
        file.write_text(own.read_text() if content is None else json.dumps(content))
        file.chmod(mode)
        yield Case({"google_application_credentials": file}, {})

    return plant


@asynccontextmanager
async def key_of_another(ward: Ward) -> AsyncGenerator[Case]:
    key = json.loads(ward.settings["google_application_credentials"].read_text())
    file = ward.folder / "key-of-another.json"
    file.write_text(json.dumps(key | {"client_email": "gone@demo-proj.iam.gserviceaccount.com"}))
    file.chmod(0o600)
    yield Case({"google_application_credentials": file}, {})


def policy_file(text: str) -> Plant:
    @asynccontextmanager
    async def plant(ward: Ward) -> AsyncGenerator[Case]:
        file = ward.folder / "policy.yaml"
        file.write_text(text)
        yield Case({"policy_file": file}, {})

    return plant


@asynccontextmanager
async def secrets_open(ward: Ward) -> AsyncGenerator[Case]:
    secret = ward.folder / "secrets" / "slack_bot_token"
    secret.chmod(0o644)
    yield Case({}, {})
    secret.chmod(0o600)


@asynccontextmanager
async def unit_drifted(ward: Ward) -> AsyncGenerator[Case]:
    units = ward.folder / "other-units"
    shutil.copytree(ward.machine.unit_folders[0], units)
    (units / "slack-bot.service").write_text("# by hand\n")
    yield Case({}, {"unit_folders": (units,)})
    shutil.rmtree(units)


@asynccontextmanager
async def packages_drifted(ward: Ward) -> AsyncGenerator[Case]:
    release = ward.folder / "release"
    (release / "deploy").mkdir(parents=True)
    (release / "deploy" / "requirements.lock").write_text("aiohttp==0.0.1 \\\n    --hash=sha256:00\n")
    shutil.copytree(ward.machine.release / "systemd", release / "systemd")
    yield Case({}, {"release": release})


@asynccontextmanager
async def engine_not_compiled(ward: Ward) -> AsyncGenerator[Case]:
    yield Case({"cache_dir": ward.folder / "empty"}, {})


async def keeps_failing(*words: str) -> str | None:
    said = {"is-active slack-bot.service": "activating", "show -P NRestarts slack-bot.service": "12"}
    return said.get(" ".join(words)) or await healthy_systemctl(*words)


def systemctl_says(said: str, question: str) -> Plant:
    async def systemctl(*words: str) -> str | None:
        return said if " ".join(words) == question else await healthy_systemctl(*words)

    return on_machine(systemctl=systemctl)


@asynccontextmanager
async def old_backup(ward: Ward) -> AsyncGenerator[Case]:
    folder = ward.folder / "old-backups"
    folder.mkdir()
    (folder / f"data-bolt-{datetime.now(UTC) - timedelta(days=9, hours=1):%Y%m%dT%H%M%S}Z.dump").touch()
    yield Case({}, {"backups": folder})


def on_health_port(answer: Callable[[], web.Response]) -> Plant:
    @asynccontextmanager
    async def plant(_: Ward) -> AsyncGenerator[Case]:
        async def serve(_: web.Request) -> web.Response:
            return answer()

        app = web.Application()
        app.router.add_get("/{path:.*}", serve)
        async with on_loopback(app) as address:
            yield Case({"health_port": int(address.rpartition(":")[2])}, {})

    return plant


def memory(total: float, left: float) -> Mapping[str, Any]:
    return {"MemTotal": int(total * GIB), "MemAvailable": int(left * GIB)}


MACHINES: Final[Mapping[str, Fault]] = {
    "a setting is wrong": Fault("settings", "WORKERS is wrong", "start the daemon again", settings_unreadable),
    "a setting is missing": Fault(
        "settings", "BIGQUERY_DATASETS is not set", ".env", with_settings(bigquery_datasets=())
    ),
    "a name is misspelt": Fault(
        "setting-names", "BIGQUERY_PROJCT (.env, line 2) is no setting", "Write BIGQUERY_PROJECT",
        env_file("# mine\nBIGQUERY_PROJCT=demo-proj\n"), state="warn",
    ),
    "another program's name": Fault(
        "setting-names", "OPENAI_API_BASE (the environment)", "Write OPENAI_BASE_URL",
        on_machine(environ={"OPENAI_API_BASE": "http://x"}), state="warn",
    ),
    ".env is open to others": Fault(
        "secret-files", "others on this machine can read", "chmod go= ", env_file("SLACK_BOT_TOKEN=xoxb-1\n", 0o644),
        state="warn",
    ),
    "a secret is open to others": Fault("secret-files", "can read or change", "chmod go= ", secrets_open),
    "the key is open to all": Fault(
        "google-credentials", "can read the key", "chmod o= ", credentials_file(None, 0o604), state="warn"
    ),
    "the credentials are none": Fault(
        "google-credentials", "its type is 'authorized_user'", "Name a service account's key",
        credentials_file({"type": "authorized_user"}),
    ),
    "the key is no longer in force": Fault(
        "bigquery", "takes no credentials", "a key that is in force", key_of_another
    ),
    "a federation that runs a program": Fault(
        "google-credentials", "wants to run a program", "create-cred-config",
        credentials_file(FEDERATION | {"credential_source": {"executable": {"command": "/bin/x"}}}),
    ),
    "a federation that the unit keeps from its source": Fault(
        "google-credentials", "metadata service", "IPAddressAllow=169.254.169.254", credentials_file(FEDERATION)
    ),
    "the policy cannot be read": Fault(
        "policy", "policy.yaml, line 4", "policy.example.yaml", policy_file(POLICY.replace("read:", "raed:"))
    ),
    "the policy's own test does not hold": Fault(
        "policy-tests", "is allow, not deny", "botctl policy test", policy_file(POLICY + WRONG_TEST)
    ),
    "the engine is not compiled": Fault(
        "sql-engine", "not compiled", "botctl prepare engine", engine_not_compiled, "warn"
    ),
    "a font is missing": Fault(
        "fonts", "charts lack NanumGothic.ttf", "--require-hashes",
        on_machine(missing_fonts=lambda: ["NanumGothic.ttf"]), "warn",
    ),
    "the extra for traces is missing": Fault(
        "traces", "the extra `otel` is not installed", "--with otel", on_machine(has_module=lambda _: False)
    ),
    "a package is not as pinned": Fault("packages", "aiohttp", "--require-hashes", packages_drifted, "warn"),
    "the clock is minutes off": Fault(
        "clock", "ahead of 127.0.0.1", "set-ntp", on_machine(now=lambda: datetime.now(UTC) + timedelta(minutes=10))
    ),
    "the clock is half a minute off": Fault(
        "clock", "behind 127.0.0.1", "set-ntp",
        on_machine(now=lambda: datetime.now(UTC) - timedelta(seconds=45)), "warn",
    ),
    "the disk is full": Fault(
        "disk", "100 MiB of 100.0 GiB free", "Make room", on_machine(space_of=lambda _: Space(100 << 20, 100 * GIB))
    ),
    "memory is short": Fault("memory", "1.0 GiB available", "2 GB", on_machine(memory=lambda: memory(1, 0.1)), "warn"),
    "a unit was changed": Fault("units", "slack-bot.service", "daemon-reload", unit_drifted, "warn"),
    "systemd has not read the units again": Fault(
        "units", "older version", "daemon-reload",
        systemctl_says("yes", "show -P NeedDaemonReload slack-bot.service"), "warn",
    ),
    "the service has failed": Fault(
        "service", "has failed", "journalctl -u", systemctl_says("failed", "is-active slack-bot.service")
    ),
    "the service keeps failing": Fault(
        "service", "it keeps failing", "journalctl -u", on_machine(systemctl=keeps_failing)
    ),
    "the service would not start at boot": Fault(
        "service", "not after a reboot", "systemctl enable",
        systemctl_says("disabled", "is-enabled slack-bot.service"), "warn",
    ),
    "nobody makes backups": Fault(
        "backups", "nobody makes any", "start slack-bot-backup.timer",
        systemctl_says("inactive", "is-active slack-bot-backup.timer"), "warn",
    ),
    "the backups have stopped": Fault("backups", "the newest is 9 days old", "journalctl", old_backup),
    "another program has the health port": Fault(
        "health-port", "not Data Bolt", "HEALTH_PORT", on_health_port(lambda: web.Response(text="hello"))
    ),
    "the daemon is not ready": Fault(
        "health-port", "not ready: slack", "say more",
        on_health_port(lambda: web.json_response({"checks": {"slack": False, "database": True}}, status=503)), "warn",
    ),
}  # fmt: skip
