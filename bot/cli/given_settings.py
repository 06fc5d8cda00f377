"""Settings that are not this process' own: whether the daemon would take them."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_settings import InitSettingsSource

from bot.settings import Settings, configuration_error


def check_settings(values: Mapping[str, str]) -> None:
    """Whether *values*, by upper-case name, would do as settings. Raises ConfigurationError with one sentence."""
    try:
        _GivenSettings.model_validate({name.lower(): value for name, value in values.items()})
    except ValidationError as error:
        raise configuration_error(error) from None


class _GivenSettings(Settings):
    """What this process' own environment says does not count."""

    @classmethod
    def settings_customise_sources(cls, *args: Any, init_settings: InitSettingsSource, **kwargs: Any) -> Any:
        return (init_settings,)
