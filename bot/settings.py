"""Every knob of the daemon, typed, read once at start. README's table and .env.example are made from this file."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from bot.default_folders import default_cache_dir, default_state_dir

GIB = 2**30

Names = Annotated[tuple[str, ...], NoDecode]
"""A comma-separated list."""


class ConfigurationError(Exception):
    """A setting is missing or wrong. The message is one sentence that names the variable; the exit code is 78."""


class Settings(BaseSettings):
    """Read from the environment, then from .env, then from systemd credentials of the same (lower-case) names."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    slack_bot_token: SecretStr | None = Field(None, description="Bot token of the Slack app (`xoxb-...`).")
    slack_app_token: SecretStr | None = Field(
        None, description="App-level token, scope connections:write (`xapp-...`)."
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API.")
    channel_members_limit: int = Field(
        200,
        ge=1,
        le=1000,
        description="Largest channel whose every member's rights count; in a larger one only its own policy holds.",
    )

    suggested_prompts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description=(
            "Questions offered in the agent pane, separated by vertical bars, at most four; people's own recent ones "
            "come first. Unset: two examples in each one's language."
        ),
    )

    slack_channel: str | None = Field(
        None, description="Id of the channel for notices to the data team. Unset: they stand in the log only."
    )
    slack_ops_channel: str | None = Field(None, description="The same for outages. Unset: SLACK_CHANNEL.")
    slack_notice_language: Literal["en", "ko", "ja"] = Field("en", description="Language of these notices.")
    slack_channel_filter: Names = Field(
        (), description="Ids of the only channels it answers in, comma-separated. Unset: wherever it is invited."
    )
    slack_channel_auto_reply: bool = Field(
        False, description="Answer questions about the data that nobody addressed to it, in the channels listed next."
    )
    slack_channel_auto_reply_allowlist: Names = Field((), description="Ids of those channels, comma-separated.")
    slack_channel_auto_reply_keywords: Names = Field(
        (), description="Words of which such a message holds one. Unset: each costs a short model call to be judged."
    )
    slack_channel_auto_reply_in_threads: bool = Field(False, description="The same for threads that it has not joined.")
    slack_external_consent_by: Names = Field(
        (),
        description=(
            "Who may allow answers in a channel that another company shares: user ids, user group ids or handles. "
            "Unset: every full member who is in it."
        ),
    )

    openai_api_key: SecretStr | None = Field(None, description="Key of the model endpoint.")
    openai_base_url: str | None = Field(
        None, description="Any OpenAI-compatible endpoint. Unset: OpenAI's own, which needs the key."
    )
    laas_api_key: SecretStr | None = Field(
        None,
        description="Key of an OpenAI-compatible gateway (`botctl sync-laas-key`); OpenAI's own address never gets it.",
    )
    laas_base_url: str | None = Field(
        None, description="That gateway's address, used where OPENAI_BASE_URL is unset; it never gets OPENAI_API_KEY."
    )
    openai_model: str = Field("gpt-5-mini", description="Model name sent to the endpoint.")
    openai_timeout_seconds: float = Field(180, gt=0, description="Longest wait for one model call.")
    openai_usd_per_million_input_tokens: float | None = Field(
        None, ge=0, description="What the model costs, for budgets and the audit. Unset: not known, tokens are counted."
    )
    openai_usd_per_million_output_tokens: float | None = Field(None, ge=0, description="The same for its replies.")

    turn_max_tokens: int = Field(
        60_000, ge=1000, description="Tokens one turn may spend on model calls; then it stops and shows what it has."
    )
    turn_max_seconds: float = Field(
        300, gt=0, description="Longest wait of one turn for the model, all its calls; then it shows what it has."
    )
    conversation_max_tokens: int = Field(
        2000, ge=200, description="Tokens (and 16 messages) of a thread kept word for word; older ones are summarised."
    )

    bigquery_project: str | None = Field(None, description="Project that runs and pays for the queries.")
    bigquery_location: str = Field("US", description="Location of the jobs.")
    bigquery_datasets: Names = Field(
        (),
        description="Datasets the bot may read, comma-separated: `dataset` or `project.dataset`. Nothing else is read.",
    )
    policy_file: Path | None = Field(
        None,
        description=(
            "Who may read which datasets, tables and columns (deploy/policy.example.yaml); read again when it changes. "
            "Unset: every full member reads BIGQUERY_DATASETS, except for columns that BigQuery tags."
        ),
    )
    policy_observe_file: Path | None = Field(
        None,
        description="A policy on trial: what it would decide otherwise is logged and audited, and nothing else.",
    )
    bigquery_api_endpoint: str | None = Field(None, description="BigQuery's REST endpoint. Unset: Google's.")
    google_application_credentials: Path | None = Field(
        None, description="Service-account key, or workload identity federation. Unset: Google's default credentials."
    )
    bigquery_max_bytes_billed: int = Field(
        10 * GIB, gt=0, description="Bytes one query may bill; every job carries the cap, more is refused."
    )
    bigquery_auto_execute_max_cost_usd: float = Field(
        0.10, ge=0, description="Dearest query (US dollars) that runs without a person's approval."
    )
    bigquery_pricing: Literal["on_demand", "capacity"] = Field(
        "on_demand", description="capacity: slots are paid for, so a query costs 0 dollars; limits in bytes stay."
    )
    bigquery_usd_per_tib: float | None = Field(
        None, ge=0, description="On-demand price per TiB, US dollars. Unset: the list price of BIGQUERY_LOCATION."
    )
    budget_time_zone: str = Field("UTC", description="Where the days and months of budgets begin: `Asia/Seoul`.")
    bigquery_job_timeout_seconds: float = Field(120, gt=0, description="Longest run of one query.")
    bigquery_approval_ttl_seconds: int = Field(3600, gt=0, description="An approval nobody gave by then is denied.")
    bigquery_approvers: Names = Field(
        (),
        description="Who may approve: user ids, user group ids or handles. Unset: any colleague in the thread.",
    )
    bigquery_requester_may_approve: bool = Field(
        True, description="Whether people may approve their own queries, below the four-eyes price."
    )
    bigquery_four_eyes_cost_usd: float = Field(
        10.0, ge=0, description="From this price (US dollars) on, somebody else than the asker approves."
    )

    bigquery_intent_llm_enabled: bool = Field(True, description="False: every turn takes the free-chat road.")
    bigquery_intent_confidence_threshold: float = Field(
        0.55, ge=0, le=1, description="A route below this confidence takes the conservative chat road."
    )
    bigquery_chat_planner_max_actions: int = Field(
        2, ge=1, description="Data actions the chat road may plan in a turn."
    )
    bigquery_chat_allow_execute_in_chat: bool = Field(False, description="Whether the chat road may run a query.")
    bigquery_sql_workflow_graph_enabled: bool = Field(
        True, description="Write, dry-run and repair SQL until it passes. False: one try."
    )
    answer_notes_enabled: bool = Field(
        True,
        description="Say below a result how the question was read and what to ask next: one short model call more.",
    )
    bigquery_sql_max_tries: int = Field(3, ge=1, description="Drafts of a query at most, the first among them.")

    database_url: SecretStr | None = Field(
        None, description="Postgres (`postgresql://...`). Unset: an embedded one in STATE_DIR, good for a single VM."
    )
    langgraph_checkpoint_backend: Literal["postgres", "memory", "dynamodb"] = Field(
        "postgres",
        description="Where conversations are remembered: postgres, memory (forgotten at exit), or dynamodb (an extra).",
    )
    langgraph_checkpoint_fallback_to_memory: bool = Field(
        False, description="Start with forgetful memory where the checkpoint backend cannot be opened. Loudly logged."
    )
    langgraph_dynamodb_table: str = Field(
        "data-bolt-checkpoints", min_length=3, description="DynamoDB table (keys PK and SK) for the dynamodb backend."
    )
    langgraph_dynamodb_region: str | None = Field(None, description="Its region. Unset: what AWS's own settings say.")
    langgraph_dynamodb_endpoint_url: str | None = Field(None, description="DynamoDB's endpoint. Unset: AWS's.")
    bigquery_stale_after_hours: float = Field(
        72,
        ge=0,
        description="An answer says so when none of its tables has changed for this many hours; 0 never says it.",
    )
    result_max_bytes: int = Field(8 * 2**20, gt=0, description="Largest stored result, compressed bytes.")
    result_file_max_bytes: int = Field(
        100 * 2**20,
        gt=0,
        le=2**30,
        description="Largest file of a result (CSV, Excel before compression), bytes; rows beyond it are left out.",
    )
    result_ttl_days: int = Field(30, gt=0, description="Days a stored result is kept.")

    result_cache_max_age_seconds: int = Field(
        86_400,
        ge=0,
        description="A question asked again over unchanged tables is answered from a result no older; 0: always runs.",
    )

    workers: int = Field(4, ge=1, le=64, description="Turns answered side by side.")
    drain_seconds: float = Field(25, gt=0, description="Time running turns get to finish when the daemon stops.")
    state_dir: Path = Field(
        default_factory=default_state_dir, description="Embedded Postgres and other state. Default: per user."
    )
    cache_dir: Path = Field(
        default_factory=default_cache_dir, description="Compiled SQL engine, model weights. Default: per user."
    )
    health_port: int | None = Field(
        None, ge=1, le=65535, description="Port on 127.0.0.1 for /livez, /readyz and /metrics. Unset: none is opened."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        description=(
            "OpenTelemetry collector that takes traces by OTLP/HTTP: `http://127.0.0.1:4318` (an extra). Unset: no "
            "traces. OpenTelemetry's other variables hold too, where the environment has them."
        ),
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(
        None, description="What it asks for besides, `name=value` and comma-separated: a key of a hosted collector."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @property
    def model_base_url(self) -> str | None:
        """The model's address; None: OpenAI's own."""
        return self.openai_base_url or self.laas_base_url

    @property
    def model_key(self) -> SecretStr | None:
        """The key for that address. A key is never sent to an address that the other family of settings names, but for
        LAAS_API_KEY with OPENAI_BASE_URL, which somebody has set so."""
        if self.openai_base_url:
            return self.openai_api_key or self.laas_api_key
        return self.laas_api_key if self.laas_base_url else self.openai_api_key

    @field_validator(
        "bigquery_datasets",
        "bigquery_approvers",
        "slack_channel_filter",
        "slack_channel_auto_reply_allowlist",
        "slack_channel_auto_reply_keywords",
        "slack_external_consent_by",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("suggested_prompts", mode="before")
    @classmethod
    def _split_questions(cls, value: Any) -> Any:
        """A question may hold a comma."""
        if isinstance(value, str):
            return tuple(question.strip() for question in value.split("|") if question.strip())
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any, info: Any) -> Any:
        """`NAME=` in an env file means the default, as it does to a reader."""
        if value == "" and info.field_name is not None:
            return cls.model_fields[info.field_name].get_default(call_default_factory=True)
        return value

    @field_validator("budget_time_zone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (KeyError, OSError, ValueError):  # zoneinfo raises each of them for a name
            raise ValueError(f"there is no time zone {value!r}") from None

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("does not start with postgresql://")
        return value

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _is_the_right_token(cls, value: SecretStr | None, info: Any) -> SecretStr | None:
        prefix = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}[info.field_name]
        if value is not None and not value.get_secret_value().startswith(prefix):
            raise ValueError(f"does not start with {prefix}")
        return value


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises ConfigurationError with one sentence."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        return Settings(_secrets_dir=credentials, **overrides)  # pyright: ignore[reportCallIssue]  # a pydantic-settings argument
    except ValidationError as error:
        raise configuration_error(error) from None
    except SettingsError as error:
        why = error.__cause__ or error  # a PermissionError: the secrets are the service's, and this is somebody else
        raise ConfigurationError(f"The secrets in {credentials} cannot be read: {type(why).__name__}.") from why


def configuration_error(error: ValidationError) -> ConfigurationError:
    """The first thing that is wrong, in one sentence."""
    first = error.errors()[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "The configuration"
    reason = first["msg"].removeprefix("Value error, ").rstrip(".")
    return ConfigurationError(f"{name} is wrong: {reason[:1].lower()}{reason[1:]}.")


def require_daemon_settings(settings: Settings) -> None:
    """What the daemon cannot start without; ConfigurationError names the first that is missing."""
    needed = {
        "SLACK_BOT_TOKEN": (settings.slack_bot_token, "the bot token (xoxb-...) of your Slack app"),
        "SLACK_APP_TOKEN": (settings.slack_app_token, "the app-level token (xapp-...) of your Slack app"),
    }
    for name, (value, what) in needed.items():
        if not value:
            raise ConfigurationError(f"{name} is not set: put {what} into the environment or .env, or try `make run`.")
    if settings.slack_channel_auto_reply and not settings.slack_channel_auto_reply_allowlist:
        raise ConfigurationError(
            "SLACK_CHANNEL_AUTO_REPLY_ALLOWLIST is not set: name the channels in which SLACK_CHANNEL_AUTO_REPLY holds."
        )
    require_agent_settings(settings)


def require_agent_settings(settings: Settings) -> None:
    """What answering a question needs, with or without Slack."""
    if not settings.bigquery_project:
        raise ConfigurationError("BIGQUERY_PROJECT is not set: name the project that runs the queries.")
    if not settings.bigquery_datasets and settings.policy_file is None:
        raise ConfigurationError("BIGQUERY_DATASETS is not set: name the datasets the bot may read, comma-separated.")
    if settings.laas_api_key and not settings.model_base_url:
        raise ConfigurationError("LAAS_BASE_URL is not set: name the address of the gateway that LAAS_API_KEY opens.")
    if not settings.model_key and not settings.model_base_url:
        raise ConfigurationError(
            "OPENAI_API_KEY is not set: set it, or name a compatible endpoint that needs no key in OPENAI_BASE_URL."
        )
    credentials = settings.google_application_credentials
    if credentials and not credentials.is_file():
        raise ConfigurationError(f"GOOGLE_APPLICATION_CREDENTIALS is wrong: there is no file {credentials}.")
