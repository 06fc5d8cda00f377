"""Which settings no log may hold."""

from bot.secret_settings import secret_values
from bot.settings import Settings


def test_of_headers_each_value_is_a_secret_of_its_own_as_it_is_sent() -> None:
    headers = "authorization=Basic%20Zm9vOmJhcg==, x-key=shapeless"
    values = secret_values(Settings(otel_exporter_otlp_headers=headers, _env_file=None))  # type: ignore[call-arg]
    assert {headers, "Basic Zm9vOmJhcg==", "Zm9vOmJhcg==", "shapeless"} <= set(values)


def test_an_address_is_none() -> None:
    settings = Settings(otel_exporter_otlp_endpoint="http://c:4318", _env_file=None)  # type: ignore[call-arg]
    assert "http://c:4318" not in secret_values(settings)
