"""The botctl of a VM sees what the service sees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.installed import main_as_service, service_environment


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


def test_settings_that_cannot_be_read_are_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "slack-bot.env"
    settings.write_bytes(b"OPENAI_MODEL=\xff\n")
    assert main_as_service(settings) == 2
    assert capsys.readouterr().err == f"botctl: {settings} cannot be read (it is not UTF-8).\n"


def test_an_env_file_beside_whoever_types_is_not_the_services(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WORKERS=many\n")
    root = Path(__file__).parents[4]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "STATE_DIR": str(tmp_path / "state")}
    command = [sys.executable, "-m", "bot.cli.installed", "turns", "tail"]
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert ended.stderr.startswith("botctl: There is no database yet: ")
    assert ended.returncode == 2
