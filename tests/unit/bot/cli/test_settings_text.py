from pathlib import Path

from bot.cli.settings_text import env_example, with_tables
from bot.settings import Settings

ROOT = Path(__file__).parents[4]


def test_env_example_is_made_from_the_settings():
    assert (ROOT / ".env.example").read_text() == env_example(), "run: python -m bot.cli.settings_text"


def test_the_readmes_tables_are_made_from_the_settings():
    readme = (ROOT / "README.md").read_text()
    assert with_tables(readme) == readme, "run: python -m bot.cli.settings_text"
    assert all(f"`{name.upper()}`" in readme for name in Settings.model_fields)
