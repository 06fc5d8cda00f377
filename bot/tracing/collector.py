"""Where traces go, by the settings and by OpenTelemetry's standard variables; None of it where they are off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TRACES_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
SPOKEN: Final = "http/protobuf"


class TracingMisconfigured(Exception):
    """Traces were asked for and cannot be had; one sentence says why."""


@dataclass(frozen=True, slots=True)
class Collector:
    endpoint: str | None
    """OTEL_EXPORTER_OTLP_ENDPOINT; None where only the one for traces is set."""
    headers: str = ""
    """OTEL_EXPORTER_OTLP_HEADERS: a secret."""

    def traces_url(self, environ: Mapping[str, str]) -> str | None:
        """None: OpenTelemetry finds it in the environment."""
        if environ.get(TRACES_ENDPOINT) or self.endpoint is None:
            return None
        return f"{self.endpoint.rstrip('/')}/v1/traces"


def wanted_collector(endpoint: str | None, headers: str, environ: Mapping[str, str]) -> Collector | None:
    """None where nobody asks for traces. Raises TracingMisconfigured."""
    if not (endpoint or environ.get(TRACES_ENDPOINT)) or _is_off(environ):
        return None
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise TracingMisconfigured("OTEL_EXPORTER_OTLP_ENDPOINT is wrong: it does not start with http:// or https://.")
    if headers and not all("=" in header for header in headers.split(",")):
        raise TracingMisconfigured("OTEL_EXPORTER_OTLP_HEADERS is wrong: it is not `name=value`, comma-separated.")
    named = next((name for name in _PROTOCOLS if environ.get(name)), None)
    if named is not None and environ[named] != SPOKEN:
        raise TracingMisconfigured(f"{named} is wrong: traces are sent by {SPOKEN} alone.")
    return Collector(endpoint, headers)


def _is_off(environ: Mapping[str, str]) -> bool:
    is_disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return is_disabled or environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
