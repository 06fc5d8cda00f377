"""The settings: language, time zone, form of results. Pure, both ways: the form, and what was chosen in it.

Its blocks name the language it was shown in, and its `private_metadata` the person's direct message with the bot.
"""

from typing import Any, Final, TypeAlias, cast, get_args

from agent.turn import Language, Preferences, ShownAs
from bot.i18n.catalogue import LANGUAGES, say
from bot.slack.action_ids import block_id, language_of_block
from bot.slack.fields import Body, ParseError, object_of
from bot.slack.messages.message import Block, section
from bot.slack.time_zones import ZONES

CALLBACK_ID: Final = "settings"
_AUTOMATIC: Final = "automatic"
"""The value of the option that leaves it to the bot."""
_FORMS: Final[tuple[ShownAs, ...]] = get_args(ShownAs)
_ACTION: Final = "choice"
"""Of each select: their blocks tell them apart."""

_Option: TypeAlias = dict[str, Any]


def loading_settings(channel: str, language: Language) -> dict[str, Any]:
    return _view(channel, language, [section(say(language, "modal.loading"))])


def failed_settings(language: Language) -> dict[str, Any]:
    return _view("", language, [section(say(language, "settings.failed"))])


def settings_view(channel: str, chosen: Preferences, language: Language) -> dict[str, Any]:
    zones = ZONES if chosen.time_zone is None or chosen.time_zone in ZONES else (chosen.time_zone, *ZONES)
    languages = [_option(one, say(language, f"settings.language_{one}")) for one in LANGUAGES]
    forms = [_option(form, say(language, f"settings.shown_as_{form}")) for form in _FORMS]
    blocks = [
        _select("language", languages, chosen.language, language),
        _select("time_zone", [_option(zone, zone) for zone in zones], chosen.time_zone, language),
        _select("shown_as", forms, chosen.shown_as, language),
    ]
    submit = {"type": "plain_text", "text": say(language, "settings.save")}
    return _view(channel, language, blocks) | {"submit": submit}


def chosen_in(view: Body) -> tuple[Preferences, Language]:
    """What a submitted form says, and the language it was shown in. ParseError for what it did not offer."""
    values = object_of(object_of(view, "state"), "values")
    found: dict[str, str | None] = {}
    language: Language = "en"
    for block, elements in values.items():
        name = block.partition(":")[0]
        option = object_of(object_of(cast("Body", elements), _ACTION), "selected_option")
        found[name] = None if option.get("value") == _AUTOMATIC else str(option.get("value"))
        language = language_of_block(block)
    preferences = Preferences(
        language=next((one for one in LANGUAGES if one == found.get("language")), None),
        time_zone=next((zone for zone in ZONES if zone == found.get("time_zone")), None),
        shown_as=next((form for form in _FORMS if form == found.get("shown_as")), None),
    )
    read = {"language": preferences.language, "time_zone": preferences.time_zone, "shown_as": preferences.shown_as}
    if found != read:
        raise ParseError("the settings hold a choice that was not offered")
    return preferences, language


def first_block(view: Body) -> str:
    """Where a sentence about a submission is shown."""
    return next(iter(object_of(object_of(view, "state"), "values")), "")


def _select(name: str, options: list[_Option], chosen: str | None, language: Language) -> Block:
    automatic = _option(_AUTOMATIC, say(language, f"settings.automatic_{name}"))
    offered = [automatic, *options]
    return {
        "type": "input",
        "block_id": block_id(name, language),
        "label": {"type": "plain_text", "text": say(language, f"settings.{name}")},
        "element": {
            "type": "static_select",
            "action_id": _ACTION,
            "options": offered,
            "initial_option": next((option for option in offered if option["value"] == chosen), automatic),
        },
    }


def _option(value: str, text: str) -> _Option:
    return {"text": {"type": "plain_text", "text": text[:75]}, "value": value}


def _view(channel: str, language: Language, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": channel,
        "title": {"type": "plain_text", "text": say(language, "settings.title")},
        "close": {"type": "plain_text", "text": say(language, "modal.close")},
        "blocks": blocks,
    }
