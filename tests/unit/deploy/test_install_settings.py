"""How install.sh splits an .env into settings, secrets and files."""

from pathlib import Path

import pytest

from tests.unit.deploy.shell import bash


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A VM's folders for settings.sh: the places are constants there, here they are this test's."""
    for folder in ("etc/secrets", "units"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


SETTINGS = (
    'source "$DEPLOY/lib/say.sh"; etc=$1/etc settings_file=$1/etc/slack-bot.env secrets_dir=$1/etc/secrets '
    'units_dir=$1/units; systemctl() { :; }; source "$DEPLOY/lib/settings.sh"; '
)


def test_a_google_key_is_loaded_by_the_units_alone_and_gives_way_to_a_federation(places: Path) -> None:
    key, federation = places / "key.json", places / "wif.json"
    key.write_text('{"type": "service_account", "private_key": "..."}')
    federation.write_text('{"type": "external_account"}')
    (places / "etc/slack-bot.env").write_text("WORKERS=2\nGOOGLE_APPLICATION_CREDENTIALS=/old.json\n")
    done = bash(SETTINGS + 'take_over_google "$1/key.json"; settled_files', {}, str(places))
    assert done.returncode == 0, done.stderr
    assert (places / "etc/google-key.json").stat().st_mode & 0o777 == 0o600
    assert (places / "etc/slack-bot.env").read_text() == "WORKERS=2\n"
    assert "GOOGLE" not in done.stdout
    for unit in ("slack-bot.service.d", "slack-bot@.service.d"):
        assert "LoadCredential=google.json:" in (places / "units" / unit / "google-key.conf").read_text()
    done = bash(SETTINGS + 'take_over_google "$1/wif.json"; settled_files', {}, str(places))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"GOOGLE_APPLICATION_CREDENTIALS={places}/etc/google.json\n")
    assert not (places / "etc/google-key.json").exists()
    assert list((places / "units").rglob("google-key.conf")) == []


def test_a_file_that_an_env_names_is_looked_for_beside_it(places: Path) -> None:
    (places / ".env").write_text("POLICY_FILE=rules/policy.yaml\nGOOGLE_APPLICATION_CREDENTIALS=/k.json\n")
    read = SETTINGS + 'file_of "$1/.env" "$2"'
    assert bash(read, {}, str(places), "POLICY_FILE").stdout == f"{places}/rules/policy.yaml"
    assert bash(read, {}, str(places), "GOOGLE_APPLICATION_CREDENTIALS").stdout == "/k.json"
    assert bash(read, {}, str(places), "WORKERS").stdout == ""


def test_what_went_to_the_secrets_is_no_setting(places: Path) -> None:
    (places / "etc/secrets/openai_api_key").write_text("sk-1")
    (places / ".env").write_text("export OPENAI_API_KEY=sk-1\nOPENAI_MODEL=m\n")
    done = bash(SETTINGS + 'drop_from "$1/.env" "$secrets_dir"/*', {}, str(places))
    assert done.returncode == 0, done.stderr
    assert (places / ".env").read_text() == "OPENAI_MODEL=m\n"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("/etc/slack-bot/secrets", "SECRETS_FROM=dir:/etc/slack-bot/secrets"),
        ("ssm:/slack-bot/prod", "SECRETS_FROM=ssm:/slack-bot/prod"),
    ],
)
def test_where_secrets_come_from_is_kept(places: Path, given: str, line: str) -> None:
    choose = SETTINGS + 'secrets_env=$1/etc/secrets.env; choose_source_of_secrets "$2"; current_source_of_secrets'
    assert bash(choose, {}, str(places), given).returncode == 0
    assert (places / "etc/secrets.env").read_text() == f"{line}\n"
    refused = bash(choose, {}, str(places), "ssm:/a b; rm")
    assert "--secrets-from takes a folder" in refused.stderr


def test_settings_are_read_from_an_env_file_as_they_stand(tmp_path: Path) -> None:
    env = tmp_path / "env"
    env.write_text("# POLICY_FILE=no\nPOLICY_FILE='a b.yaml'\nexport GOOGLE_APPLICATION_CREDENTIALS=/k.json\n")
    read = 'for part in say places settings; do source "$DEPLOY/lib/$part.sh"; done; env_value "$1" "$2"'
    assert bash(read, {}, str(env), "POLICY_FILE").stdout == "a b.yaml\n"
    assert bash(read, {}, str(env), "GOOGLE_APPLICATION_CREDENTIALS").stdout == "/k.json\n"
    assert bash(read, {}, str(env), "WORKERS").stdout == ""
