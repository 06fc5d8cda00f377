"""Access at the door: one statement judged for two readers, and its one result as each of them may see it.

It runs under the asker's rights, once. The room reads what its least entitled member may read; where that is less, the
asker's own version is kept beside it and goes to them alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from agent.bigquery.warehouse import DryRun, Ran
from agent.errors import InvalidQuery
from agent.notice import Notice
from agent.policy.column_access import AccessRuling
from agent.policy.decision import Deny, NeedApproval
from agent.policy.masking import masked_table
from agent.policy.query_policy import QueryPolicy
from agent.policy.rights import Rights, TurnRights
from agent.query_check import denied_check, priced_check
from agent.query_values import Check, QueryRequest, RoomView
from agent.results import StoredResult
from agent.sql.fingerprint import fingerprint
from agent.sql.verdict import Verdict
from agent.turn import Actor, Audience, Bill, Table

NO_TABLE = Table((), (), 0)


class StatementGate(Protocol):
    async def check(self, sql: str, rights: Rights | None = None) -> Verdict:
        """The verdict on the text; with *rights*, theirs take the place of what the gate was built with."""
        ...


class DryRuns(Protocol):
    async def dry_run(self, sql: str) -> DryRun: ...


class Access(Protocol):
    """`agent.policy.access_control.AccessControl`."""

    async def rights(self, actor: Actor, audience: Audience) -> TurnRights: ...

    async def rule(self, verdict: Verdict, dry_run: DryRun, rights: Rights) -> AccessRuling: ...


@dataclass(frozen=True, slots=True)
class StatementJudge:
    gate: StatementGate
    warehouse: DryRuns
    policy: QueryPolicy
    access: Access

    async def judge(self, sql: str, request: QueryRequest) -> Check:
        """What holds of *sql* for who asks and who will see it. Raises as `QueryRunner.check` does."""
        rights = await self.access.rights(request.actor, request.audience)
        verdict = await self.gate.check(sql, rights.asker)
        if verdict.syntax_error is not None:
            raise InvalidQuery(verdict.syntax_error)
        if (why := nothing_readable(rights)) is not None:
            return Check(Deny((why,)), sql, fingerprint(sql))
        if verdict.decision == "deny":
            return denied_check(verdict)
        dry_run = await self.warehouse.dry_run(sql)
        ruling = await self.access.rule(verdict, dry_run, rights.asker)
        check = priced_check(verdict, dry_run, self.policy, ruling)
        if rights.is_one or isinstance(check.decision, Deny):
            return check
        return _seen_in_room(check, ruling, await self._rule_for_room(sql, dry_run, rights.room))

    async def _rule_for_room(self, sql: str, dry_run: DryRun, room: Rights) -> AccessRuling | None:
        """None: the room may see nothing of it."""
        verdict = await self.gate.check(sql, room)
        if verdict.decision == "deny":
            return None
        ruling = await self.access.rule(verdict, dry_run, room)
        return None if isinstance(ruling.decision, Deny) else ruling


def nothing_readable(rights: TurnRights) -> Notice | None:
    """Why nothing runs here at all: where outsiders read along, not even for the asker alone."""
    if rights.is_external and rights.room.is_nothing:
        return Notice("deny.outsiders")
    return Notice("deny.no_rights") if rights.asker.is_nothing else None


def _seen_in_room(check: Check, asker: AccessRuling, room: AccessRuling | None) -> Check:
    if room is None:
        return replace(check, room=RoomView(is_withheld=True))
    if room.masked == asker.masked:
        return check
    return replace(check, room=RoomView(masked=room.masked))


def ask_alone(check: Check) -> Check:
    """*check*, refused where a person would be asked about what the room may not see: the card would tell it."""
    is_told = isinstance(check.decision, NeedApproval) and check.room is not None and check.room.is_withheld
    return replace(check, decision=Deny((Notice("access.ask_alone"),))) if is_told else check


@dataclass(frozen=True, slots=True)
class Versions:
    """One result as its readers may see it, ready to be kept."""

    room: StoredResult | None
    """None: the room may see nothing of it."""
    fuller: StoredResult | None
    """The asker's own; None: the room sees all that they do."""


def versions_of(check: Check, request: QueryRequest, ran: Ran, bill: Bill, expires_at: datetime) -> Versions:
    asked = StoredResult(
        turn_id=request.turn_id,
        conversation=request.conversation,
        sql=check.sql,
        fingerprint=check.fingerprint,
        table=ran.table,
        bill=bill,
        tables_read=check.tables,
        job_id=ran.job_id,
        expires_at=expires_at,
        asker=request.actor.user,
        channel=request.audience.channel,
    )
    own = _masked(asked, check.masked)
    if check.room is None:
        return Versions(own, None)
    # Of no channel, so that nobody but the asker may have its file; a turn keeps one result of a statement otherwise.
    fuller = replace(own, turn_id=f"{request.turn_id}:fuller", channel="")
    return Versions(None if check.room.is_withheld else _masked(asked, check.room.masked), fuller)


def _masked(result: StoredResult, masked: tuple[int, ...]) -> StoredResult:
    names = tuple(result.table.columns[at].name for at in masked)
    return replace(result, table=masked_table(result.table, masked), masked_columns=names)
