"""What may be read in one turn: pure. A room sees what every one of its members may see, and not more.

Rights are holdings: one for each member, each a set of grants. Something may be read when in every holding some grant
allows it, so that a further member can only take away.

Guests and other companies' people hold only what names them: a grant to their user id, or one to the channel that says
`external`. A room of which nobody knows who is in it holds what is given to the channel itself, and, where no outsider
is among them, to everyone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from agent.policy.grants import AccessPolicy, Grant, Selector, Treatment
from agent.policy.patterns import ColumnPath
from agent.sql.names import TableName
from agent.turn import Actor, Audience, Member

_OUTSIDER: Final = Member("", is_external=True)
"""Somebody of whom nothing is known but that they are no full member."""


@dataclass(frozen=True, slots=True)
class Rights:
    policy: AccessPolicy
    holdings: frozenset[frozenset[Grant]]

    @property
    def is_nothing(self) -> bool:
        """Nothing at all may be read."""
        return not self.holdings or not all(self.holdings)

    def may_read(self, table: TableName) -> bool:
        return self._everybody(lambda grant: grant.covers(table))

    def may_call(self, routine: TableName) -> bool:
        return self._everybody(lambda grant: grant.may_call(routine))

    def vouches_for(self, view: TableName) -> bool:
        """Whether what *view* reads is the view's own affair."""
        return self._everybody(lambda grant: grant.vouches_for(view))

    def treatment(self, table: TableName, path: ColumnPath, policy_tags: tuple[str, ...] = ()) -> Treatment:
        """Of a column, or a field of it: the strictest of the members', each the mildest of their grants'."""
        tags = self.policy.tags_of(table, path, policy_tags)
        return max((_mildest(holding, table, path, tags) for holding in self.holdings), default=Treatment.REFUSE)

    def is_tagged(self, table: TableName, path: ColumnPath, policy_tags: tuple[str, ...] = ()) -> bool:
        return bool(self.policy.tags_of(table, path, policy_tags))

    def _everybody(self, allows: Callable[[Grant], bool]) -> bool:
        return bool(self.holdings) and all(any(map(allows, holding)) for holding in self.holdings)


@dataclass(frozen=True, slots=True)
class TurnRights:
    """What the answer in the room may show, and what the asker may see."""

    room: Rights
    asker: Rights
    """Never less than `room`: what is shown there the asker sees anyway."""
    is_external: bool
    """Outsiders would see the answer."""

    @property
    def is_one(self) -> bool:
        """The room sees all that the asker does."""
        return self.room.holdings == self.asker.holdings


@dataclass(frozen=True, slots=True)
class _Place:
    kind: Literal["dm", "channel"]
    id: str = ""
    name: str = ""


def rights_of_turn(policy: AccessPolicy, actor: Actor, audience: Audience) -> TurnRights:
    asker = _asker(actor, audience)
    alone = _holding(policy, asker, _Place("dm"))
    if audience.kind == "asker":
        rights = Rights(policy, frozenset({alone}))
        return TurnRights(rights, rights, is_external=_is_outsider(asker))
    place = _Place("channel", audience.channel, audience.channel_name)
    members = _present(asker, audience, policy.largest_channel)
    room = {_holding(policy, member, place) for member in members}
    return TurnRights(
        room=Rights(policy, frozenset(room)),
        # (what they hold alone, or what the room holds): spelled out for each member, it is rights of the same form.
        asker=Rights(policy, frozenset(alone | holding for holding in room)),
        is_external=any(map(_is_outsider, members)),
    )


def _asker(actor: Actor, audience: Audience) -> Member:
    present = (audience.asker, *(audience.members or ()))
    known = next((member for member in present if member is not None and member.user == actor.user), None)
    return known or Member(actor.user, is_external=audience.external)


def _present(asker: Member, audience: Audience, largest: int) -> tuple[Member, ...]:
    """Whose rights the room's are: its members, or somebody without a name who stands for those nobody counted."""
    present = audience.members or ()
    is_external = audience.external or any(map(_is_outsider, present))
    if not present or len(present) > largest:
        return (_OUTSIDER if is_external else Member(""),)
    present = present if asker in present else (*present, asker)
    # The room is said to hold outsiders and the list holds none: somebody is missing from it.
    return present if not is_external or any(map(_is_outsider, present)) else (*present, _OUTSIDER)


def _is_outsider(member: Member) -> bool:
    return member.is_guest or member.is_external


def _holding(policy: AccessPolicy, member: Member, place: _Place) -> frozenset[Grant]:
    return frozenset(
        grant
        for grant in policy.grants
        if _holds_at(grant, place) and any(_is_for(selector, grant, member, place) for selector in grant.to)
    )


def _holds_at(grant: Grant, place: _Place) -> bool:
    return not grant.places or any(_is_at(selector, place) for selector in grant.places)


def _is_at(selector: Selector, place: _Place) -> bool:
    match selector.kind:
        case "dm":
            return place.kind == "dm"
        case "channels":
            return place.kind == "channel"
        case "channel":
            return place.kind == "channel" and selector.name in (place.id, place.name)
        case _:
            return False


def _is_for(selector: Selector, grant: Grant, member: Member, place: _Place) -> bool:
    is_outsider = _is_outsider(member)
    match selector.kind:
        case "user":
            return selector.name == member.user
        case "everyone":
            return not is_outsider
        case "group":
            return not is_outsider and selector.name in member.groups
        case "dm":
            return not is_outsider and _is_at(selector, place)
        case "channel":
            return (grant.external or not is_outsider) and _is_at(selector, place)
        case "channels":
            return not is_outsider and _is_at(selector, place)


def _mildest(holding: Iterable[Grant], table: TableName, path: ColumnPath, tags: frozenset[str]) -> Treatment:
    return min((grant.treatment(table, path, tags) for grant in holding), default=Treatment.REFUSE)
