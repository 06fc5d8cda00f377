"""What settings about money mean, and which do not fit together."""

from pathlib import Path
from typing import Any

import pytest

from agent.bigquery.pricing import CAPACITY, OnDemandPrice
from agent.llm.pricing import TokenPrice
from bot.agent_settings import observed_policy, price, token_price
from bot.settings import ConfigurationError, Settings, load_settings


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[call-arg]


def test_a_tib_costs_the_list_price_of_the_location_unless_somebody_says_otherwise() -> None:
    assert price(settings(bigquery_location="asia-northeast3")) == OnDemandPrice(7.5)
    assert price(settings(bigquery_location="asia-northeast3", bigquery_usd_per_tib=5)) == OnDemandPrice(5)
    assert price(settings(bigquery_pricing="capacity", bigquery_usd_per_tib=5)) == CAPACITY


def test_an_unknown_location_without_a_price_is_a_sentence_that_names_the_variable() -> None:
    with pytest.raises(ConfigurationError, match="BIGQUERY_USD_PER_TIB is not set, .* for mars-north1"):
        price(settings(bigquery_location="mars-north1"))
    assert price(settings(bigquery_location="mars-north1", bigquery_usd_per_tib=9)) == OnDemandPrice(9)


def test_tokens_have_a_price_both_ways_or_none() -> None:
    assert token_price(settings()) is None
    both = settings(openai_usd_per_million_input_tokens=0.25, openai_usd_per_million_output_tokens=0)
    assert token_price(both) == TokenPrice(0.25, 0)
    with pytest.raises(ConfigurationError, match="OPENAI_USD_PER_MILLION_OUTPUT_TOKENS is not set"):
        token_price(settings(openai_usd_per_million_input_tokens=0.25))


def test_an_unknown_time_zone_is_a_sentence_that_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDGET_TIME_ZONE", "Asia/Atlantis")
    with pytest.raises(ConfigurationError, match=r"BUDGET_TIME_ZONE is wrong: there is no time zone 'Asia/Atlantis'\."):
        load_settings(_env_file=None)


def test_a_policy_on_trial_that_cannot_be_read_is_a_sentence_that_names_the_variable(tmp_path: Path) -> None:
    assert observed_policy(settings(bigquery_project="p")) is None
    with pytest.raises(ConfigurationError, match=r"POLICY_OBSERVE_FILE is wrong: .*cannot be read"):
        observed_policy(settings(bigquery_project="p", policy_observe_file=tmp_path / "nothing.yaml"))
