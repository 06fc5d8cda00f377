"""Who is in the workspace, and where they talk."""

from dataclasses import dataclass
from typing import Final

from bot.local.slack.shapes import Json

TEAM: Final = "T0LOCAL"
PARTNER_TEAM: Final = "T0PARTNER"
"""The other company of #partners."""
APP: Final = "A0BOLT"
BOT_USER: Final = "U0BOLT"
BOT_ID: Final = "B0BOLT"
CREATED: Final = 1_735_689_600
"""2025-01-01: when everything here was created, as far as the API tells."""


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    handle: str
    locale: str
    time_zone: str
    utc_offset: int
    """Seconds east of Greenwich, without summer time."""
    color: str
    """Of the avatar, six hex digits."""
    title: str = ""
    bot_id: str | None = None
    is_guest: bool = False
    team: str = TEAM

    @property
    def is_bot(self) -> bool:
        return self.bot_id is not None

    def to_api(self, *, include_locale: bool = False) -> Json:
        """A user object as users.info gives it."""
        user: Json = {
            "id": self.id,
            "team_id": self.team,
            "name": self.handle,
            "deleted": False,
            "color": self.color,
            "real_name": self.name,
            "tz": self.time_zone,
            "tz_label": self.time_zone,
            "tz_offset": self.utc_offset,
            "is_admin": False,
            "is_owner": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": CREATED,
            "profile": {
                "real_name": self.name,
                "real_name_normalized": self.name,
                "display_name": self.name,
                "display_name_normalized": self.name,
                "title": self.title,
                "team": self.team,
            },
        }
        if self.bot_id:
            user["profile"] |= {"bot_id": self.bot_id, "api_app_id": APP}
        if include_locale:
            user["locale"] = self.locale
        return user


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str
    """Empty for a DM."""
    members: tuple[str, ...]
    topic: str = ""
    person: str | None = None
    """The person at the other end, when this is a DM with the bot."""
    shared_with: str | None = None
    """The team of the other company that shares this channel."""

    @property
    def is_dm(self) -> bool:
        return self.person is not None

    @property
    def kind(self) -> str:
        """`im` or `channel`: Slack's channel_type in message events."""
        return "im" if self.is_dm else "channel"

    def to_api(self) -> Json:
        """A conversation object as conversations.info gives it, seen by the bot."""
        common: Json = {
            "id": self.id,
            "created": CREATED,
            "is_archived": False,
            "context_team_id": TEAM,
            "updated": CREATED,
        }
        if self.is_dm:
            return common | {
                "is_im": True,
                "is_org_shared": False,
                "user": self.person,
                "is_user_deleted": False,
                "is_open": True,
            }
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": False,
            "is_general": self.name == "general",
            "is_member": BOT_USER in self.members,
            "is_shared": self.shared_with is not None,
            "is_ext_shared": self.shared_with is not None,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "shared_team_ids": [TEAM, *([self.shared_with] if self.shared_with else [])],
            "creator": self.members[0],
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": self.members[0], "last_set": CREATED},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


ANA: Final = Person("U0ANA", "Ana", "ana", "en-US", "America/New_York", -18000, "1264a3", "Head of sales")
MINSU: Final = Person("U0MINSU", "민수", "minsu", "ko-KR", "Asia/Seoul", 32400, "b4490f", "Merchandising")
AOI: Final = Person("U0AOI", "葵", "aoi", "ja-JP", "Asia/Tokyo", 32400, "7c3085", "Marketing")
GIL: Final = Person("U0GIL", "Gil", "gil", "en-US", "Europe/London", 0, "2f7d5d", "Agency (guest)", is_guest=True)
PIA: Final = Person("U0PIA", "Pia", "pia", "en-US", "Europe/Berlin", 3600, "8c2f39", "Partner Ltd", team=PARTNER_TEAM)
PEOPLE: Final = (ANA, MINSU, AOI, GIL, PIA)

_STAFF = (ANA.id, MINSU.id, AOI.id)
GENERAL: Final = Channel("C0GENERAL", "general", (*_STAFF, BOT_USER), "Company-wide announcements and questions")
SALES: Final = Channel("C0SALES", "sales", (*_STAFF, BOT_USER), "Numbers, orders and customers")
AGENCY: Final = Channel("C0AGENCY", "agency", (ANA.id, MINSU.id, GIL.id, BOT_USER), "With our agency's guest")
PARTNERS: Final = Channel(
    "C0PARTNERS", "partners", (ANA.id, PIA.id, BOT_USER), "Shared with Partner Ltd", shared_with=PARTNER_TEAM
)
DMS: Final = tuple(Channel(f"D0{p.id[2:]}", "", (p.id, BOT_USER), person=p.id) for p in PEOPLE)
CHANNELS: Final = (GENERAL, SALES, AGENCY, PARTNERS, *DMS)


def bot_person(name: str) -> Person:
    return Person(BOT_USER, name, "databolt", "en-US", "UTC", 0, "4a154b", "Answers data questions", BOT_ID)


def dm_of(user: str) -> str:
    """The id of *user*'s DM with the bot."""
    return next(channel.id for channel in DMS if channel.person == user)
