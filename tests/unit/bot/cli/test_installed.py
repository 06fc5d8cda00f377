"""The botctl of a VM sees what the service sees."""

from pathlib import Path

from bot.cli.installed import service_environment


def test_it_has_the_units_settings_and_the_loaded_secrets(tmp_path: Path) -> None:
    settings, loaded, kept = tmp_path / "slack-bot.env", tmp_path / "run", tmp_path / "etc"
    settings.write_text("# a comment\nOPENAI_MODEL='a b'\nWORKERS=8\n")
    loaded.mkdir()
    kept.mkdir()
    environment = service_environment(settings, (loaded, kept), tmp_path / "none")
    assert environment == {"OPENAI_MODEL": "a b", "WORKERS": "8", "CREDENTIALS_DIRECTORY": str(loaded)}


def test_without_loaded_secrets_it_has_those_that_will_be(tmp_path: Path) -> None:
    kept = tmp_path / "etc"
    kept.mkdir()
    environment = service_environment(tmp_path / "none", (tmp_path / "run", kept), tmp_path / "none")
    assert environment == {"CREDENTIALS_DIRECTORY": str(kept)}


def test_a_google_key_is_named_where_it_may_be_read(tmp_path: Path) -> None:
    key = tmp_path / "google-key.json"
    key.write_text("{}")
    assert service_environment(tmp_path / "none", (), key) == {"GOOGLE_APPLICATION_CREDENTIALS": str(key)}
