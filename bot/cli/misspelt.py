"""Names that are no settings of ours, and which setting each was probably meant to be."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from bot.settings import Settings

OTHER_NAMES: Final[Mapping[str, str]] = {
    "GOOGLE_CREDENTIALS": "GOOGLE_APPLICATION_CREDENTIALS",
    "OPENAI_API_BASE": "OPENAI_BASE_URL",
    "OPENAI_KEY": "OPENAI_API_KEY",
    "POSTGRES_URL": "DATABASE_URL",
    "SLACK_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_XAPP_TOKEN": "SLACK_APP_TOKEN",
}
"""What other programs call what ours calls so. No setting of ours was ever renamed."""
_OURS: Final = frozenset(name.upper() for name in Settings.model_fields)
_ALIKE: Final = 0.85
_OPENTELEMETRYS: Final = re.compile(r"OTEL_EXPORTER_OTLP_(?:TRACES|METRICS|LOGS|PROFILES)_")
"""Its own names for one kind of signal, which are like ours for all of them."""


def meant_by(name: str) -> str | None:
    """None for a setting of ours, and for what is like none of them."""
    name = name.upper()
    if name in _OURS or _OPENTELEMETRYS.match(name):
        return None
    if name in OTHER_NAMES:
        return OTHER_NAMES[name]
    return next(iter(get_close_matches(name, _OURS, n=1, cutoff=_ALIKE)), None)
