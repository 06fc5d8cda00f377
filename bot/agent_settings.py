"""Settings as the values that the agent is built from. What does not fit together is a ConfigurationError."""

from datetime import timedelta

from agent.bigquery.pricing import CAPACITY, OnDemandPrice, UnknownPrice, list_price
from agent.llm.pricing import TokenPrice
from agent.options import AgentOptions
from agent.policy.access import DatasetAllowlist, UnreadableGrant
from agent.policy.cost import CostLimits
from agent.policy.deciders import ApprovalRules
from agent.policy.grants import datasets_for_everyone
from agent.policy.policy_file import UnreadablePolicy
from agent.policy.policy_source import FixedPolicy, PolicyFile
from agent.policy.query_policy import QueryPolicy
from bot.settings import ConfigurationError, Settings


def access_policy(settings: Settings) -> PolicyFile | FixedPolicy:
    """Blocking: it reads the file."""
    project = settings.bigquery_project
    assert project is not None, "require_agent_settings has looked"
    try:
        if settings.policy_file is not None:
            return PolicyFile(settings.policy_file, project)
        datasets = DatasetAllowlist.parse(settings.bigquery_datasets, project).datasets
    except UnreadablePolicy as error:
        raise ConfigurationError(f"POLICY_FILE is wrong: {error}.") from None
    except UnreadableGrant as error:
        raise ConfigurationError(f"BIGQUERY_DATASETS is wrong: {error}.") from None
    return FixedPolicy(datasets_for_everyone(datasets))


def observed_policy(settings: Settings) -> PolicyFile | None:
    """The policy on trial. Blocking: it reads the file."""
    project = settings.bigquery_project
    assert project is not None, "require_agent_settings has looked"
    if settings.policy_observe_file is None:
        return None
    try:
        return PolicyFile(settings.policy_observe_file, project)
    except UnreadablePolicy as error:
        raise ConfigurationError(f"POLICY_OBSERVE_FILE is wrong: {error}.") from None


def query_policy(settings: Settings, project: str) -> QueryPolicy:
    return QueryPolicy(
        default_project=project,
        limits=CostLimits(
            max_bytes_billed=settings.bigquery_max_bytes_billed,
            auto_execute_max_cost_usd=settings.bigquery_auto_execute_max_cost_usd,
            price=price(settings),
        ),
        approval_ttl=timedelta(seconds=settings.bigquery_approval_ttl_seconds),
        approval=ApprovalRules(
            approvers=settings.bigquery_approvers,
            requester_may_decide=settings.bigquery_requester_may_approve,
            four_eyes_cost_usd=settings.bigquery_four_eyes_cost_usd,
        ),
        result_ttl=timedelta(days=settings.result_ttl_days),
        job_timeout_seconds=settings.bigquery_job_timeout_seconds,
    )


def price(settings: Settings) -> OnDemandPrice:
    if settings.bigquery_pricing == "capacity":
        return CAPACITY
    if settings.bigquery_usd_per_tib is not None:
        return OnDemandPrice(settings.bigquery_usd_per_tib)
    try:
        return list_price(settings.bigquery_location)
    except UnknownPrice:
        raise ConfigurationError(
            f"BIGQUERY_USD_PER_TIB is not set, and I know no list price for {settings.bigquery_location}."
        ) from None


def token_price(settings: Settings) -> TokenPrice | None:
    inward, outward = settings.openai_usd_per_million_input_tokens, settings.openai_usd_per_million_output_tokens
    if inward is None and outward is None:
        return None
    if inward is None or outward is None:
        missing = "INPUT" if inward is None else "OUTPUT"
        raise ConfigurationError(f"OPENAI_USD_PER_MILLION_{missing}_TOKENS is not set: tokens have a price both ways.")
    return TokenPrice(inward, outward)


def longest_job(settings: Settings) -> timedelta:
    """A living turn asks for its job again long before that, however often BigQuery gives it up."""
    return timedelta(seconds=5 * settings.bigquery_job_timeout_seconds)


def agent_options(settings: Settings, project: str) -> AgentOptions:
    return AgentOptions(
        default_project=project,
        intent_llm_enabled=settings.bigquery_intent_llm_enabled,
        intent_confidence_threshold=settings.bigquery_intent_confidence_threshold,
        chat_planner_max_actions=settings.bigquery_chat_planner_max_actions,
        chat_allow_execute_in_chat=settings.bigquery_chat_allow_execute_in_chat,
        sql_workflow_graph_enabled=settings.bigquery_sql_workflow_graph_enabled,
        answer_notes_enabled=settings.answer_notes_enabled,
        turn_max_tokens=settings.turn_max_tokens,
        turn_max_seconds=settings.turn_max_seconds,
        conversation_max_tokens=settings.conversation_max_tokens,
        sql_max_tries=settings.bigquery_sql_max_tries,
    )
