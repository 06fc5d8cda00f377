"""Everything that is looked at, in the order in which it is told: what a check needs stands before it."""

from typing import Final

from bot.cli.doctor.backup_check import examine_backups
from bot.cli.doctor.bigquery_checks import examine_bigquery, examine_credentials, examine_datasets, examine_price
from bot.cli.doctor.check import Check
from bot.cli.doctor.engine_checks import examine_engine, examine_fonts
from bot.cli.doctor.machine_checks import (
    examine_clock,
    examine_disk,
    examine_memory,
    examine_packages,
    examine_python,
)
from bot.cli.doctor.model_checks import examine_model, examine_structured_output
from bot.cli.doctor.policy_check import examine_policy, examine_policy_tests
from bot.cli.doctor.postgres_checks import (
    examine_checkpoints,
    examine_connections,
    examine_migrations,
    examine_pooler,
    examine_postgres,
    examine_rights,
)
from bot.cli.doctor.questions import LONGEST_TRIAL
from bot.cli.doctor.service_checks import examine_health_port, examine_service, examine_units
from bot.cli.doctor.settings_checks import examine_names, examine_secret_files, examine_settings
from bot.cli.doctor.slack_checks import (
    examine_app_token,
    examine_bot_scopes,
    examine_bot_token,
    examine_channels,
    examine_one_app,
    examine_slack,
)
from bot.cli.doctor.traces_check import examine_traces

CHECKS: Final = (
    Check("settings", examine_settings),
    Check("setting-names", examine_names),
    Check("secret-files", examine_secret_files),
    Check("slack", examine_slack),
    Check("bot-token", examine_bot_token, ("slack",)),
    Check("bot-scopes", examine_bot_scopes, ("bot-token",)),
    Check("app-token", examine_app_token, ("slack",)),
    Check("one-app", examine_one_app, ("bot-token", "app-token")),
    Check("channels", examine_channels, ("bot-scopes",)),
    Check("postgres", examine_postgres),
    Check("pooler", examine_pooler, ("postgres",)),
    Check("rights", examine_rights, ("postgres",)),
    Check("migrations", examine_migrations, ("rights",)),
    Check("checkpoints", examine_checkpoints, ("migrations",)),
    Check("connections", examine_connections, ("postgres",)),
    Check("google-credentials", examine_credentials),
    Check("bigquery", examine_bigquery, ("google-credentials",), seconds=40),
    Check("datasets", examine_datasets, ("bigquery",), seconds=40),
    Check("price", examine_price),
    Check("sql-engine", examine_engine, seconds=40),
    Check("policy", examine_policy),
    Check("policy-tests", examine_policy_tests, ("policy", "datasets", "sql-engine"), seconds=40),
    Check("model", examine_model, seconds=LONGEST_TRIAL + 5),
    Check("structured-output", examine_structured_output, ("model",), seconds=LONGEST_TRIAL + 5),
    Check("fonts", examine_fonts),
    Check("python", examine_python),
    Check("packages", examine_packages),
    Check("clock", examine_clock),
    Check("disk", examine_disk),
    Check("memory", examine_memory),
    Check("units", examine_units),
    Check("service", examine_service),
    Check("backups", examine_backups),
    Check("health-port", examine_health_port),
    Check("traces", examine_traces),
)
