"""Where traces go, if anywhere: by the settings, and by OpenTelemetry's standard variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

TRACES_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
SPOKEN: Final = "http/protobuf"


class TracingMisconfigured(Exception):
    """Traces were asked for and cannot be had; one sentence says why."""


@dataclass(frozen=True, slots=True)
class Collector:
    url: str
    """Where spans are posted: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT as it is, else below OTEL_EXPORTER_OTLP_ENDPOINT."""
    header_list: str = ""
    """OTEL_EXPORTER_OTLP_HEADERS: a secret."""

    @property
    def headers(self) -> dict[str, str]:
        """As OpenTelemetry reads them: names in lower case, percent signs in values."""
        pairs = (header.partition("=") for header in self.header_list.split(",") if header.strip())
        return {name.strip().lower(): unquote(value).strip() for name, _, value in pairs}


def wanted_collector(endpoint: str | None, headers: str, environ: Mapping[str, str]) -> Collector | None:
    """None where nobody asks for traces. Raises TracingMisconfigured."""
    url = environ.get(TRACES_ENDPOINT) or (f"{endpoint.rstrip('/')}/v1/traces" if endpoint else None)
    if url is None or _is_off(environ):
        return None
    if not url.startswith(("http://", "https://")):
        raise TracingMisconfigured("OTEL_EXPORTER_OTLP_ENDPOINT is wrong: it does not start with http:// or https://.")
    if headers and not all("=" in header for header in headers.split(",")):
        raise TracingMisconfigured("OTEL_EXPORTER_OTLP_HEADERS is wrong: it is not `name=value`, comma-separated.")
    named = next((name for name in _PROTOCOLS if environ.get(name)), None)
    if named is not None and environ[named] != SPOKEN:
        raise TracingMisconfigured(f"{named} is wrong: traces are sent by {SPOKEN} alone.")
    return Collector(url, headers)


def _is_off(environ: Mapping[str, str]) -> bool:
    is_disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return is_disabled or environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
