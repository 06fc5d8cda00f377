"""User groups: names for several people at once (`@sales-team`)."""

from dataclasses import dataclass
from typing import Final

from bot.local.slack.people import ANA, AOI, CREATED, MINSU, TEAM
from bot.local.slack.shapes import Json


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    handle: str
    users: tuple[str, ...]
    is_disabled: bool = False

    def to_api(self, *, include_users: bool = False, include_count: bool = False) -> Json:
        """A usergroup object as usergroups.list gives it."""
        group: Json = {
            "id": self.id,
            "team_id": TEAM,
            "is_usergroup": True,
            "is_subteam": True,
            "name": self.name,
            "description": "",
            "handle": self.handle,
            "is_external": False,
            "date_create": CREATED,
            "date_update": CREATED,
            "date_delete": CREATED if self.is_disabled else 0,
            "auto_type": None,
            "auto_provision": False,
            "enterprise_subteam_id": "",
            "created_by": ANA.id,
            "updated_by": ANA.id,
            "deleted_by": ANA.id if self.is_disabled else None,
            "prefs": {"channels": [], "groups": []},
        }
        if include_users:
            group["users"] = list(self.users)
        if include_users or include_count:
            group["user_count"] = len(self.users)
        return group


GROUPS: Final = (
    Group("S0SALES", "Sales", "sales-team", (ANA.id, AOI.id)),
    Group("S0DATA", "Data team", "data-team", (MINSU.id,)),
    Group("S0OLD", "Old campaign", "old-campaign", (AOI.id,), is_disabled=True),
)
