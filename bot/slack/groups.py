"""Who belongs to which user group, by one call of usergroups.list."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import PatientClient, SlackUnavailable, error_code
from bot.slack.gates import Clock
from bot.slack.remembered import Remembered

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS: Final = 300.0
DOUBTED_SECONDS: Final = 15.0

Groups: TypeAlias = Mapping[str, frozenset[str]]
"""User to the ids and handles of their groups."""


class SlackGroups:
    def __init__(self, client: PatientClient, *, clock: Clock = time.monotonic) -> None:
        self._client = client
        self._known = Remembered[None, Groups](most=1, clock=clock)

    async def by_user(self) -> Groups:
        """Empty where Slack does not say: a group only ever adds rights, so nobody gains by that. Never raises."""
        if (known := self._known.fresh(None)) is not None:
            return known
        try:
            response = await self._client.usergroups_list(include_users=True)
        except (SlackApiError, SlackUnavailable) as error:
            why = error_code(error) if isinstance(error, SlackApiError) else repr(error)
            # `plan_upgrade_required`: a workspace whose plan has no groups
            log.warning("slack.groups_unknown", error=why)
            self._known.put(None, {}, seconds=DOUBTED_SECONDS)
            return {}
        groups = _by_user(cast("list[dict[str, Any]]", response.get("usergroups") or []))
        self._known.put(None, groups, seconds=REMEMBERED_SECONDS)
        return groups

    def forget(self) -> None:
        self._known.forget(None)


def _by_user(groups: Iterable[Mapping[str, Any]]) -> Groups:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups:
        # Another company decides who is in its groups.
        if group.get("is_external") or group.get("date_delete"):
            continue
        for user in cast("list[str]", group.get("users") or []):
            names[user].update(str(group[name]) for name in ("id", "handle") if group.get(name))
    return {user: frozenset(its) for user, its in names.items()}
