from pathlib import Path

import pytest

from bot.channel_settings import channel_rules
from bot.cli.stack import stand_ins_for
from bot.settings import ConfigurationError, Settings, load_settings, require_agent_settings, require_daemon_settings

COMPLETE = {
    "slack_bot_token": "xoxb-1",
    "slack_app_token": "xapp-1",
    "bigquery_project": "p",
    "bigquery_datasets": "shop, other.web",
    "openai_api_key": "k",
}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's environment nor a .env beside the tests may decide."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_complete_configuration_starts():
    settings = load_settings(**COMPLETE)
    require_daemon_settings(settings)
    assert settings.bigquery_datasets == ("shop", "other.web")


@pytest.mark.parametrize("name", ["slack_bot_token", "slack_app_token", "bigquery_project", "bigquery_datasets"])
def test_a_missing_setting_is_named_in_one_sentence(name):
    settings = load_settings(**{**COMPLETE, name: ""})
    with pytest.raises(ConfigurationError, match=f"^{name.upper()} is not set: [^\n]*\\.$"):
        require_daemon_settings(settings)


def test_a_model_needs_a_key_or_an_address():
    with pytest.raises(ConfigurationError, match=r"^OPENAI_API_KEY is not set"):
        require_agent_settings(load_settings(**{**COMPLETE, "openai_api_key": None}))
    require_agent_settings(load_settings(**{**COMPLETE, "openai_api_key": None, "openai_base_url": "http://x/v1"}))


@pytest.mark.parametrize(
    ("named", "address", "key"),
    [
        ({"openai_api_key": "sk"}, None, "sk"),
        ({"openai_base_url": "http://o/v1", "openai_api_key": "sk"}, "http://o/v1", "sk"),
        ({"laas_base_url": "http://g/v1", "laas_api_key": "lk"}, "http://g/v1", "lk"),
        ({"laas_base_url": "http://g/v1", "laas_api_key": "lk", "openai_api_key": "sk"}, "http://g/v1", "lk"),
        ({"laas_base_url": "http://g/v1", "openai_api_key": "sk"}, "http://g/v1", None),
        ({"openai_base_url": "http://o/v1", "laas_api_key": "lk"}, "http://o/v1", "lk"),
        (
            {
                "openai_base_url": "http://o/v1", "openai_api_key": "sk",
                "laas_base_url": "http://g/v1", "laas_api_key": "lk",
            },
            "http://o/v1",
            "sk",
        ),
    ],
)  # fmt: skip
def test_the_address_decides_whose_key_is_sent(named, address, key):
    settings = load_settings(**{**COMPLETE, "openai_api_key": None, **named})
    require_agent_settings(settings)
    assert settings.model_base_url == address
    assert (settings.model_key.get_secret_value() if settings.model_key else None) == key
    assert "model" not in stand_ins_for(settings, "auto")


@pytest.mark.parametrize("other", [None, "sk"])
def test_a_gateways_key_without_its_address_is_never_sent_to_openai(other):
    settings = load_settings(**{**COMPLETE, "openai_api_key": other, "laas_api_key": "lk"})
    with pytest.raises(ConfigurationError, match=r"^LAAS_BASE_URL is not set"):
        require_agent_settings(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "many"),
        ("WORKERS", "0"),
        ("SLACK_BOT_TOKEN", "xapp-swapped"),
        ("SLACK_APP_TOKEN", "xoxb-swapped"),
        ("LANGGRAPH_CHECKPOINT_BACKEND", "mongodb"),
        ("BIGQUERY_MAX_BYTES_BILLED", "10GB"),
        ("DATABASE_URL", "mysql://somebody:secret@host/db"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(f"{name} is wrong: ")
    assert "\n" not in message
    if "TOKEN" in name or "URL" in name:
        assert value not in message


def test_an_empty_value_means_the_default(monkeypatch):
    monkeypatch.setenv("WORKERS", "")
    monkeypatch.setenv("STATE_DIR", "")
    settings = load_settings()
    assert settings.workers == 4
    assert settings.state_dir.name == "data-bolt"


def test_secrets_may_come_as_systemd_credentials(monkeypatch, tmp_path):
    (tmp_path / "slack_bot_token").write_text("xoxb-from-a-file")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    token = load_settings().slack_bot_token
    assert token is not None
    assert token.get_secret_value() == "xoxb-from-a-file"
    assert "xoxb" not in repr(load_settings())


def test_a_service_account_file_must_exist(tmp_path):
    settings = load_settings(**COMPLETE, google_application_credentials=tmp_path / "none.json")
    with pytest.raises(ConfigurationError, match=r"^GOOGLE_APPLICATION_CREDENTIALS is wrong"):
        require_agent_settings(settings)


def test_answering_unasked_needs_the_channels_in_which_to():
    with pytest.raises(ConfigurationError, match=r"^SLACK_CHANNEL_AUTO_REPLY_ALLOWLIST is not set"):
        require_daemon_settings(load_settings(**COMPLETE, slack_channel_auto_reply=True))
    settings = load_settings(
        **COMPLETE,
        slack_channel_auto_reply=True,
        slack_channel_auto_reply_allowlist="C1, C2",
        slack_channel_filter="C1",
    )
    require_daemon_settings(settings)
    rules = channel_rules(settings)
    assert (rules.overheard, rules.only) == ({"C1", "C2"}, {"C1"})


def test_secrets_that_cannot_be_read_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slack_bot_token").write_bytes(b"xoxb-\xff")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigurationError, match=rf"^The secrets in {tmp_path} cannot be read: UnicodeDecodeError\.$"):
        load_settings(_env_file=None)
