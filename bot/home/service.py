"""The Home tab: read anew and published when somebody opens it, and after what they do there.

Everything of one person's Home lies in one lane of the inbox, so a view that was read earlier is never published later.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import structlog

from agent.notice import Notice
from agent.policy.approvals import Approval, Approvals
from agent.policy.decide_once import outcome_of
from agent.policy.deciders import speaker_in
from agent.spend import Payers
from agent.turn import Member
from bot.approvals.decisions import DecisionService
from bot.budgets import Purse
from bot.commands.budget_view import budget_lines
from bot.home.contents import Connections, Home, HomeTabs, OpenApproval, PendingApprovals, Questions
from bot.inbox.home_items import HomeDecision, HomeOpened, SettingsChosen
from bot.inbox.items import DecisionRequested
from bot.preferences import PreferenceStore
from bot.replies import Replies
from bot.surface import People, Rooms

log = structlog.get_logger(__name__)

MOST_QUESTIONS: Final = 5
MOST_PENDING: Final = 500
"""Of the whole workspace, looked through for those that concern one person."""

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class HomeSources:
    """Where the parts of a Home are read."""

    questions: Questions
    pending: PendingApprovals
    purse: Purse
    connections: Connections
    people: People
    rooms: Rooms
    replies: Replies


class HomeService:
    def __init__(
        self,
        *,
        sources: HomeSources,
        tabs: HomeTabs,
        approvals: Approvals,
        decisions: DecisionService,
        preferences: PreferenceStore,
        now: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._tabs = tabs
        self._approvals = approvals
        self._decisions = decisions
        self._preferences = preferences
        self._now = now

    async def run(self, item: HomeOpened | HomeDecision | SettingsChosen) -> None:
        match item:
            case HomeOpened():
                await self._publish(item)
            case HomeDecision():
                await self._publish(item, await self._decide(item))
            case SettingsChosen():
                await self._preferences.keep(item.user, item.preferences)
                await self._publish(item)

    async def give_up(self, item: HomeOpened | HomeDecision | SettingsChosen) -> None:
        if not isinstance(item, HomeOpened):
            await self._publish(item, Notice("home.not_changed"))

    async def _decide(self, item: HomeDecision) -> Notice:
        """What became of it. A redelivered press ends here again and is the first one still."""
        approval = await self._approvals.get(item.approval_id)
        # The id comes back from outside: it counts from here only where it was shown here.
        if approval is None or not _concerns(approval, await self._member(item.channel, item.user)):
            log.warning("home.approval_not_theirs", approval=item.approval_id, user=item.user)
            return Notice("approval.unknown")
        press = DecisionRequested(
            dedupe_key=item.dedupe_key,
            conversation=item.conversation,
            spoken_at=item.spoken_at,
            approve=item.approve,
            approval_id=item.approval_id,
            team=item.team,
            channel=_channel_of(approval),
            thread_ts=None,
            user=item.user,
        )
        notice = await self._decisions.decide(press)
        if notice is None:
            notice = outcome_of(await self._approvals.get(item.approval_id) or approval)
        return notice

    async def _publish(self, item: HomeOpened | HomeDecision | SettingsChosen, *told: Notice) -> None:
        person, questions, waiting, budget, connections = await asyncio.gather(
            self._sources.people.find(item.user),
            _unless_away(self._sources.questions.recent(item.user, MOST_QUESTIONS)),
            _unless_away(self._waiting(item.channel, item.user)),
            _unless_away(self._budget(item)),
            self._sources.connections.look(),
        )
        home = Home(
            channel=item.channel,
            language=person.language_for(""),
            preferences=person.preferences,
            told=told,
            questions=questions,
            waiting=waiting,
            budget=budget,
            connections=connections,
        )
        await self._tabs.publish(item.user, home)

    async def _waiting(self, channel: str, user: str) -> tuple[OpenApproval, ...]:
        """Their own, and those that name them. What anybody in a conversation may decide is decided there."""
        member = await self._member(channel, user)
        found: list[OpenApproval] = []
        for approval in await self._sources.pending.open(MOST_PENDING):
            if _concerns(approval, member):
                reply = await self._sources.replies.find(approval.request.turn_id)
                may = approval.request.deciders.allow(member, requester=approval.request.requester)
                place = (reply.channel, reply.ts) if reply is not None else ("", None)
                found.append(OpenApproval(approval, may, *place))
        return tuple(found)

    async def _budget(self, item: HomeOpened | HomeDecision | SettingsChosen) -> tuple[Notice, ...]:
        member = await self._member(item.channel, item.user)
        payers = Payers(item.team, item.user, item.channel, member.groups)
        return tuple(
            line
            for standing in await self._sources.purse.standings(payers, self._now())
            for line in budget_lines(standing)
        )

    async def _member(self, channel: str, user: str) -> Member:
        return speaker_in(await self._sources.rooms.audience(channel, user, kind="asker"), user)


def _concerns(approval: Approval, person: Member) -> bool:
    """Whether it is shown on *person*'s Home."""
    request = approval.request
    if request.requester == person.user:
        return True
    names_somebody = bool(request.deciders.named) or request.deciders.budget_owner is not None
    return names_somebody and request.deciders.allow(person, requester=request.requester)


def _channel_of(approval: Approval) -> str:
    """Of its conversation: `team:channel` or `team:channel:thread`."""
    _, _, place = approval.request.conversation.partition(":")
    return place.partition(":")[0]


async def _unless_away(part: Awaitable[Part]) -> Part | None:
    """One part that cannot be read does not keep the others from being shown."""
    try:
        return await part
    except Exception:  # the boundary of a part: it says that it could not be read
        log.warning("home.part_not_read", exc_info=True)
        return None
