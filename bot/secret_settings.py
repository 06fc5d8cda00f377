"""The settings that are secrets: what no log may hold, and nothing that people read."""

from urllib.parse import unquote

from pydantic import SecretStr

from bot.settings import Settings


def secret_values(settings: Settings) -> list[str]:
    """Those that are set."""
    values = (getattr(settings, name) for name in Settings.model_fields)
    whole = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    return whole + _in_headers(settings.otel_exporter_otlp_headers)


def _in_headers(headers: SecretStr | None) -> list[str]:
    """Each one's value, and of `Basic abc` the second word: an error repeats one of them rather than all."""
    if headers is None:
        return []
    values = [unquote(header.partition("=")[2]).strip() for header in headers.get_secret_value().split(",")]
    return [*values, *(value.split()[-1] for value in values if value)]
