"""Which names are slips of the pen, and which are other programs' own."""

import pytest

from bot.cli.misspelt import meant_by


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPONT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", None),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", None),
        ("OTEL_SERVICE_NAME", None),
        ("OPENAI_API_BASE", "OPENAI_BASE_URL"),
        ("openai_api_key", None),
    ],
)
def test_a_slip_is_told_from_a_name_of_somebody_elses(name: str, meant: str | None) -> None:
    assert meant_by(name) == meant
