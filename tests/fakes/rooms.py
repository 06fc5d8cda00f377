"""Rooms that are known beforehand; a room nobody described cannot be told of, and so has strangers in it."""

from dataclasses import dataclass, field
from typing import Literal

from agent.turn import Audience, Member


@dataclass
class FakeRooms:
    rooms: dict[str, tuple[Member, ...]] = field(default_factory=dict[str, tuple[Member, ...]])
    """Channel to its people."""
    people: dict[str, Member] = field(default_factory=dict[str, Member])
    """Those who speak in direct messages or from outside of a room."""
    names: dict[str, str] = field(default_factory=dict[str, str])
    shared: set[str] = field(default_factory=set[str])
    """Channels that another company shares."""

    async def audience(self, channel: str, user: str, *, kind: Literal["asker", "channel"]) -> Audience:
        asker = self._known(user)
        name = self.names.get(channel, "")
        if asker is None or (kind == "channel" and channel not in self.rooms):
            return Audience(kind, channel, external=True, channel_name=name)
        room = () if kind == "asker" else self.rooms.get(channel, ())
        members = tuple(sorted({*room, asker}, key=lambda member: member.user))
        external = channel in self.shared or any(m.is_guest or m.is_external for m in members)
        return Audience(kind, channel, external=external, members=members, channel_name=name, asker=asker)

    async def is_shared(self, channel: str) -> bool:
        return channel in self.shared

    async def holds(self, channel: str, user: str) -> bool:
        return channel.startswith("D") or any(member.user == user for member in self.rooms.get(channel, ()))

    def _known(self, user: str) -> Member | None:
        everybody = {m.user: m for members in self.rooms.values() for m in members}
        return self.people.get(user) or everybody.get(user)
