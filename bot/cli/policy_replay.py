"""`botctl policy replay`: what a new policy would have made of the statements that the audit knows. Nothing runs."""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from agent.bigquery.warehouse import TableInfo
from agent.errors import WarehouseError
from agent.notice import Notice
from agent.policy.cost import CostLimits, Estimate, judge_cost
from agent.policy.decision import Allow, Decision, Deny, NeedApproval, decision_word, strictest
from agent.policy.grants import AccessPolicy
from agent.policy.policy_file import UnreadablePolicy, load_policy
from agent.sql.googlesql.thread import EngineThread
from agent.turn import DecisionWord
from bot.agent_settings import query_policy
from bot.cli.amounts import moment
from bot.cli.errors import CommandError
from bot.cli.policy_desk import PolicyDesk, Who
from bot.cli.policy_tables import project_of, tables_for
from bot.cli.records import open_existing_records
from bot.cli.replay_past import PastStatement, past_statements
from bot.cli.replay_report import Replayed, report_json, report_lines
from bot.cli.sql_check import prepare
from bot.logging import configure_logging
from bot.settings import Settings, load_settings
from bot.storage.audit import PostgresAudit

# What a policy file does not decide: these reasons hold as they did.
_HOLD: Final[Mapping[str, type[Deny] | type[NeedApproval]]] = {
    "deny.budget_bytes": Deny,
    "deny.budget_usd": Deny,
    "approval.budget_bytes": NeedApproval,
    "approval.budget_usd": NeedApproval,
    "approval.many_tables": NeedApproval,
}


async def policy_replay(options: argparse.Namespace) -> int:
    configure_logging("error")
    settings = await asyncio.to_thread(load_settings)
    project = options.project or project_of(settings)
    policy = await asyncio.to_thread(_read, Path(options.policy), project)
    past = await _past(settings, options.last)
    cache_dir = settings.cache_dir / "googlesql"
    await prepare(cache_dir)
    tables = await _tables(settings, policy, project)
    limits = _limits(settings, project, options)
    channels = dict(_named(text) for text in options.channel_name or ())
    async with EngineThread(cache_dir) as engine:
        desk = PolicyDesk(policy, engine, tables, project)
        replayed = [await replay(one, desk, limits, channels) for one in past]
    if options.json:
        print(json.dumps(report_json(replayed, examples=options.examples), ensure_ascii=False))
    else:
        print("\n".join(report_lines(replayed, examples=options.examples)))
    return 0


async def replay(
    past: PastStatement, desk: PolicyDesk, limits: CostLimits, channels: Mapping[str, str] | None = None
) -> Replayed:
    """What would be decided of *past* today. Who was in the room beside the asker, the audit does not know."""
    is_alone = past.channel.startswith("D")
    channel = None if is_alone else (channels or {}).get(past.channel, past.channel)
    judged = await desk.judge(past.sql, Who(past.asker, past.groups, channel))
    if judged.verdict.syntax_error is not None:
        return Replayed(past, None, ())
    decisions: list[Decision] = [_access(judged.access, judged.reasons), *_held(past)]
    if past.bytes_estimated is not None:
        is_bounded = all(reason.code != "approval.cost_unknown" for reason in past.reasons)
        cost = limits.price.cost_usd(past.bytes_estimated) if is_bounded else None
        decisions.append(judge_cost(Estimate(past.bytes_estimated, cost), limits))
    decision = strictest(decisions)
    return Replayed(past, decision_word(decision), decision.reasons)


def _access(access: str, reasons: tuple[Notice, ...]) -> Decision:
    match access:
        case "deny":
            return Deny(reasons)
        case "approval":
            return NeedApproval(reasons)
        case _:
            return Allow()


def _held(past: PastStatement) -> list[Decision]:
    if past.was is DecisionWord.AUTO_EXECUTE:
        return []
    return [_HOLD[reason.code]((reason,)) for reason in past.reasons if reason.code in _HOLD]


def _read(path: Path, project: str) -> AccessPolicy:
    try:
        return load_policy(path, project)
    except UnreadablePolicy as error:
        raise CommandError(f"{error}.") from None


async def _past(settings: Settings, last: str) -> list[PastStatement]:
    try:
        since = moment(last, ZoneInfo(settings.budget_time_zone))
    except ValueError as error:
        raise CommandError(str(error)) from None
    async with open_existing_records(settings) as database:
        return await past_statements(PostgresAudit(database).rows(since, datetime.now(UTC)))


async def _tables(settings: Settings, policy: AccessPolicy, project: str) -> Sequence[TableInfo]:
    try:
        return await tables_for(settings, policy, project)
    except WarehouseError as error:
        told = f"botctl: the tables cannot be described ({type(error).__name__}): tags on columns are not looked at."
        print(told, file=sys.stderr)
        return ()


def _limits(settings: Settings, project: str, options: argparse.Namespace) -> CostLimits:
    now = query_policy(settings, project).limits
    return CostLimits(
        max_bytes_billed=options.max_bytes_billed or now.max_bytes_billed,
        auto_execute_max_cost_usd=(
            now.auto_execute_max_cost_usd if options.auto_execute is None else float(options.auto_execute)
        ),
        price=now.price,
    )


def _named(text: str) -> tuple[str, str]:
    channel, equals, name = text.partition("=")
    if not (channel and equals and name):
        raise CommandError(f"--channel-name {text} is not ID=NAME.")
    return channel, name.lstrip("#")
