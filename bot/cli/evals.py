"""`botctl evals run`: a suite's cases through the agent, how many went right, and what changed since last time."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.evals.case import Case
from agent.evals.examiner import Examiner, load_suite
from agent.evals.progress import change_between
from agent.evals.report import SuiteReport, Verdict
from agent.evals.suite import OnVerdict, run_suite
from agent.llm.pricing import TokenPrice
from bot.app import open_desktop
from bot.cli.errors import CommandError
from bot.cli.eval_runs import last_run, save_run
from bot.cli.evals_text import print_run, verdict_line
from bot.cli.world import err, open_world
from bot.logging import configure_logging
from bot.settings import require_agent_settings


async def evals_run(options: argparse.Namespace) -> int:
    configure_logging("error")
    price = _price(options.token_price)
    cases = _chosen(load_suite(options.suite), options.suite, options.only)
    async with open_world(options.model) as world:
        require_agent_settings(world.settings)
        model, state_dir = world.settings.openai_model, world.settings.state_dir
        verdicts: list[Verdict] = []
        try:
            async with open_desktop(world.settings) as desktop:
                await run_suite(cases, Examiner(desktop.services).examine, on_verdict=_teller(verdicts, len(cases)))
        finally:  # Ctrl-C, too: what was asked so far has cost its time; it is kept, and told
            if verdicts:
                run = _run(options.suite, model, SuiteReport(tuple(verdicts)), price)
                run = _keep(state_dir, run | {"is_complete": len(verdicts) == len(cases)})
                _tell(run, as_json=options.json)
    return 0


def _tell(run: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(run, ensure_ascii=False, indent=2), flush=True)
    else:
        print_run(run)


def _chosen(cases: Sequence[Case], suite: str, only: str | None) -> Sequence[Case]:
    if not only:
        return cases
    chosen = {name.strip() for name in only.split(",")}
    if unknown := chosen - {str(case.id) for case in cases}:
        raise CommandError(f"The suite {suite} has no question {', '.join(sorted(unknown))}.")
    return [case for case in cases if str(case.id) in chosen]


def _price(text: str | None) -> TokenPrice | None:
    if text is None:
        return None
    try:
        input_usd, output_usd = (float(part) for part in text.split(","))
    except ValueError:
        raise CommandError("--token-price is two numbers, US dollars per million tokens in and out: 0.25,2.") from None
    return TokenPrice(input_usd, output_usd)


def _run(suite: str, model: str, report: SuiteReport, price: TokenPrice | None) -> dict[str, Any]:
    ended_at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"suite": suite, "model": model, "ended_at": ended_at} | report.to_plain(price)


def _keep(state_dir: Path, run: dict[str, Any]) -> dict[str, Any]:
    """*run* with what changed since the last one and where it is kept."""
    before = last_run(state_dir, run["suite"], run["model"])
    run["change"] = asdict(change_between(before, run)) if before else None
    return run | {"saved_as": str(save_run(state_dir, run))}


def _teller(verdicts: list[Verdict], total: int) -> OnVerdict:
    """Adds each verdict to *verdicts*, and says it on stderr."""

    def tell(verdict: Verdict) -> None:
        verdicts.append(verdict)
        err.print(f"{len(verdicts):>3}/{total} {verdict_line(verdict)}", soft_wrap=True, markup=False)
        sys.stderr.flush()

    return tell
