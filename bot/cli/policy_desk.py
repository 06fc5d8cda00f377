"""A policy tried out: what would become of a statement, for somebody, somewhere. Asks neither BigQuery nor Postgres.

The tables' columns come from the warehouse that the settings name (they are only described, nothing is priced or
run), else from the demo shop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.bigquery.warehouse import ColumnInfo, TableInfo
from agent.notice import Notice
from agent.policy.access import NoRights
from agent.policy.access_control import AccessControl
from agent.policy.column_access import AccessRuling
from agent.policy.decision import Deny
from agent.policy.grants import AccessPolicy
from agent.policy.policy_source import FixedPolicy
from agent.policy.rights import Rights
from agent.query_access import nothing_readable
from agent.sql.columns import ColumnReader
from agent.sql.gate import Gate
from agent.sql.googlesql.thread import EngineThread
from agent.sql.rules import GateRules
from agent.sql.verdict import Verdict
from agent.turn import Actor, Audience, Member

Access: TypeAlias = Literal["allow", "mask", "private", "approval", "deny"]
"""mask: whoever reads along sees values hidden; private: the asker alone sees it."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks: alone, or in a channel of which only its name is known."""

    user: str = ""
    groups: tuple[str, ...] = ()
    channel: str | None = None
    external: bool = False
    guest: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(self.user, "")

    @property
    def audience(self) -> Audience:
        groups = frozenset(group.lstrip("@") for group in self.groups)
        asker = Member(self.user, groups, is_guest=self.guest)
        if self.channel is None:
            return Audience("asker", "", members=(asker,), asker=asker)
        name = self.channel.lstrip("#")
        return Audience("channel", name, self.external or self.guest, channel_name=name, asker=asker)


@dataclass(frozen=True, slots=True)
class Judged:
    access: Access
    reasons: tuple[Notice, ...]
    verdict: Verdict
    masked: tuple[int, ...] = ()
    """Places of the columns that are hidden from who reads along."""


class PolicyDesk:
    def __init__(self, policy: AccessPolicy, engine: EngineThread, tables: Sequence[TableInfo], project: str) -> None:
        self._gate = Gate(engine, GateRules(NoRights(), project))
        catalog = _Listed(tuple(tables))
        self._control = AccessControl(
            FixedPolicy(policy), catalog, ColumnReader(engine, project), default_project=project
        )

    async def judge(self, sql: str, who: Who) -> Judged:
        rights = await self._control.rights(who.actor, who.audience)
        verdict = await self._gate.check(sql, rights.asker)
        if (why := nothing_readable(rights)) is not None:
            return Judged("deny", (why,), verdict)
        if verdict.decision == "deny":
            return Judged("deny", verdict.reasons, verdict)
        own = await self._control.foresee(verdict, rights.asker)
        if isinstance(own.decision, Deny):
            return Judged("deny", own.decision.reasons, verdict)
        seen = own if rights.is_one else await self._in_room(sql, rights.room)
        if verdict.decision == "approval":
            denied = (Notice("access.ask_alone"),)
            return Judged("approval", verdict.reasons, verdict) if seen else Judged("deny", denied, verdict)
        if seen is None:
            return Judged("private", (Notice("access.answered_privately"),), verdict)
        return Judged("mask" if seen.masked else "allow", verdict.reasons, verdict, seen.masked)

    async def _in_room(self, sql: str, room: Rights) -> AccessRuling | None:
        verdict = await self._gate.check(sql, room)
        if verdict.decision == "deny":
            return None
        ruling = await self._control.foresee(verdict, room)
        return None if isinstance(ruling.decision, Deny) else ruling


class _Listed:
    def __init__(self, tables: tuple[TableInfo, ...]) -> None:
        self._tables = tables

    async def tables(self) -> tuple[TableInfo, ...]:
        return self._tables

    async def read_again(self) -> tuple[TableInfo, ...]:
        return self._tables


def demo_tables() -> tuple[TableInfo, ...]:
    """The demo shop's, as its local warehouse would describe them."""
    from bot.local.bigquery.demo.shop import demo_project  # noqa: PLC0415 - it makes a year of orders

    project = demo_project()
    described = {table.spec.dataset + "." + table.spec.name: table.spec for table in project.tables}
    return tuple(
        TableInfo(
            f"{project.id}.{name}",
            tuple(
                ColumnInfo(column.name, column.type, policy_tags=("demo",) if column.is_personal else ())
                for column in spec.columns
            ),
        )
        for name, spec in described.items()
    )
