"""What happens on the app's own tabs: the Home tab with its settings, and the agent pane."""

from typing import Literal

from agent.turn import Language, Preferences
from bot.inbox.item import InboxItem, control_lane


class HomeOpened(InboxItem):
    """Somebody looks at the Home tab. In their Home's lane, like all that changes it."""

    kind: Literal["home"] = "home"
    team: str
    channel: str
    """Their direct message with the bot."""
    user: str


class PaneOpened(InboxItem):
    """Somebody looks at the agent pane."""

    kind: Literal["pane"] = "pane"
    team: str
    channel: str
    """Their direct message with the bot."""
    user: str


class HomeDecision(InboxItem):
    """A yes or a no to an approval, pressed on the Home tab."""

    kind: Literal["home_decision"] = "home_decision"
    approve: bool
    approval_id: str
    team: str
    channel: str
    user: str


class SettingsOpened(InboxItem):
    """The settings modal was opened empty; fill it."""

    kind: Literal["settings_opened"] = "settings_opened"
    view_id: str
    view_hash: str
    """Of the empty view: only that one is filled."""
    channel: str
    user: str
    language: Language = "en"


class SettingsChosen(InboxItem):
    """The settings modal was submitted."""

    kind: Literal["settings_chosen"] = "settings_chosen"
    team: str
    channel: str
    user: str
    preferences: Preferences


def home_lane(team: str, user: str) -> str:
    return control_lane(f"home:{team}:{user}")
