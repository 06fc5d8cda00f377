"""What happens on the Home tab, as inbox items. Pure: what is malformed is a ParseError."""

from dataclasses import dataclass
from decimal import Decimal

from agent.turn import Language
from bot.inbox.home_items import HomeDecision, HomeOpened, PaneOpened, SettingsChosen, SettingsOpened, home_lane
from bot.inbox.item import control_lane
from bot.slack.action_ids import ActionId, language_of_block
from bot.slack.fields import Body, ParseError, first_object_of, id_of, object_of, time_of, value_of
from bot.slack.modals.settings import chosen_in


@dataclass(frozen=True, slots=True)
class HomePress:
    """A button on somebody's Home tab."""

    action: str
    value: str
    key: str
    trigger: str
    team: str
    user: str
    channel: str
    """Their direct message with the bot."""
    language: Language


def home_opened(body: Body) -> HomeOpened:
    """app_home_opened with the tab `home`."""
    event = object_of(body, "event")
    team, user = id_of(body, "team_id"), id_of(event, "user")
    return HomeOpened(
        dedupe_key=f"event:{id_of(body, 'event_id')}",
        conversation=home_lane(team, user),
        spoken_at=time_of(id_of(event, "event_ts")),
        team=team,
        channel=id_of(event, "channel"),
        user=user,
    )


def pane_opened(body: Body) -> PaneOpened:
    """app_home_opened with the tab `messages`: in an agent's app, the pane."""
    event = object_of(body, "event")
    team, user = id_of(body, "team_id"), id_of(event, "user")
    return PaneOpened(
        dedupe_key=f"event:{id_of(body, 'event_id')}",
        conversation=control_lane(f"pane:{team}:{user}"),
        spoken_at=time_of(id_of(event, "event_ts")),
        team=team,
        channel=id_of(event, "channel"),
        user=user,
    )


def home_press(body: Body) -> HomePress:
    action = first_object_of(body, "actions")
    trigger = id_of(body, "trigger_id")
    return HomePress(
        action=id_of(action, "action_id"),
        value=value_of(action),
        key=f"click:{trigger}:{id_of(action, 'action_ts')}",
        trigger=trigger,
        team=id_of(object_of(body, "team"), "id"),
        user=id_of(object_of(body, "user"), "id"),
        channel=id_of(object_of(body, "view"), "private_metadata"),
        language=language_of_block(str(action.get("block_id", ""))),
    )


def decision_from_home(press: HomePress, arrived: Decimal) -> HomeDecision:
    if press.action not in (ActionId.HOME_APPROVE, ActionId.HOME_CANCEL):
        raise ParseError("action_id is no decision")
    return HomeDecision(
        dedupe_key=press.key,
        conversation=home_lane(press.team, press.user),
        spoken_at=arrived,
        approve=press.action == ActionId.HOME_APPROVE,
        approval_id=press.value,
        team=press.team,
        channel=press.channel,
        user=press.user,
    )


def settings_opened(press: HomePress, view: Body, arrived: Decimal) -> SettingsOpened:
    """After the empty modal was opened: *view* is Slack's."""
    view_id = id_of(view, "id")
    return SettingsOpened(
        dedupe_key=press.key,
        # A lane of its own: somebody looks at an empty modal.
        conversation=control_lane(f"view:{view_id}"),
        spoken_at=arrived,
        view_id=view_id,
        view_hash=id_of(view, "hash"),
        channel=press.channel,
        user=press.user,
        language=press.language,
    )


def settings_from_submission(body: Body, arrived: Decimal) -> tuple[SettingsChosen, Language]:
    """The item, and the language in which the form was shown."""
    view = object_of(body, "view")
    preferences, language = chosen_in(view)
    team, user = id_of(object_of(body, "team"), "id"), id_of(object_of(body, "user"), "id")
    item = SettingsChosen(
        dedupe_key=f"submit:{id_of(view, 'id')}:{id_of(view, 'hash')}",
        conversation=home_lane(team, user),
        spoken_at=arrived,
        team=team,
        channel=id_of(view, "private_metadata"),
        user=user,
        preferences=preferences,
    )
    return item, language
