"""The settings that are secrets: what no log may hold, and nothing that people read."""

from pydantic import SecretStr

from bot.settings import Settings


def secret_values(settings: Settings) -> list[str]:
    """Those that are set."""
    values = (getattr(settings, name) for name in Settings.model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
