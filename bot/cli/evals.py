"""`botctl evals run`: the golden questions through the analyst, and how many answers equal the gold."""

import argparse
import json
import uuid

from rich.console import Console

from agent.evals.golden import load_golden
from agent.evals.suite import Ask, SuiteReport, Verdict, run_suite
from agent.turn import Actor, Answer, Audience, Progress, Turn
from bot.app import Desktop, open_desktop
from bot.cli.errors import CommandError
from bot.cli.world import err, open_world
from bot.logging import configure_logging
from bot.settings import require_agent_settings

console = Console(highlight=False, markup=False)


async def evals_run(options: argparse.Namespace) -> int:
    configure_logging("error")
    questions = load_golden(options.suite)
    if options.only:
        chosen = {name.strip() for name in options.only.split(",")}
        if unknown := chosen - {str(question.id) for question in questions}:
            raise CommandError(f"The suite {options.suite} has no question {', '.join(sorted(unknown))}.")
        questions = tuple(question for question in questions if str(question.id) in chosen)
    async with open_world(options.model) as world:
        require_agent_settings(world.settings)
        async with open_desktop(world.settings) as desktop:
            report = await run_suite(questions, _asking(desktop), on_verdict=_tell)
        model = world.settings.openai_model
    _print(report, options.suite, model, as_json=options.json)
    return 0


def _asking(desktop: Desktop) -> Ask:
    async def ask(question: str) -> Answer:
        run = uuid.uuid4().hex
        turn = Turn(
            id=f"evals:{run}",
            conversation=f"evals:{run}",
            actor=Actor("U_EVALS", "T_LOCAL"),
            audience=Audience("asker", "D_EVALS"),
            text=question,
        )
        return await desktop.analyst.answer(turn, _say_nothing)

    return ask


async def _say_nothing(progress: Progress) -> None:
    """Nobody watches the steps of an eval."""


def _tell(verdict: Verdict) -> None:
    mark = "✓" if verdict.is_right else "✗"
    err.print(f"{mark} {verdict.id:>3} {verdict.seconds:6.1f} s  {verdict.why:<20} {verdict.question}", soft_wrap=True)


def _print(report: SuiteReport, suite: str, model: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"suite": suite, "model": model} | report.to_plain(), ensure_ascii=False, indent=2))
        return
    console.print(f"{report.right} of {report.total} results equal the gold ({suite}, {model}).")
