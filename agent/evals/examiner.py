"""Puts a case to the agent and judges what comes back."""

from dataclasses import dataclass

from agent.context import Services
from agent.evals.boundaries import Boundaries
from agent.evals.case import Case, ClarificationCase, InjectionCase, RefusalCase, RoutingCase, load_cases
from agent.evals.golden import Golden, load_golden
from agent.evals.judge import (
    Judgement,
    judge_clarification,
    judge_golden,
    judge_injection,
    judge_refusal,
    judge_routing,
)
from agent.evals.rehearsal import Heard, answer_case, route_case
from agent.turn import Bill, Usage

SUITES = ("demo", "sql", "routing", "clarification", "refusal", "injection")


@dataclass(frozen=True, slots=True)
class Judged:
    """One case with its judgement, and what it took."""

    judgement: Judgement
    expected: str | None
    action: str | None
    sql: str | None
    usage: Usage
    bill: Bill


def load_suite(name: str) -> tuple[Case, ...]:
    """The cases of a suite of SUITES; `sql` is the demo's questions and its own."""
    match name:
        case "demo":
            return load_golden("demo")
        case "sql":
            return (*load_golden("demo"), *load_golden("sql"))
        case "routing":
            return load_cases("routing", RoutingCase)
        case "clarification":
            return load_cases("clarification", ClarificationCase)
        case "refusal":
            return load_cases("refusal", RefusalCase)
        case "injection":
            return load_cases("injection", InjectionCase)
        case _:
            raise FileNotFoundError(name)


class Examiner:
    """On production's own services. The warehouse is asked for its tables only where a suite is about what is read."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._boundaries: Boundaries | None = None

    async def examine(self, case: Case) -> Judged:
        """Raises AgentError as the analyst does."""
        if isinstance(case, RoutingCase):
            routed = await route_case(self._services, case)
            action = routed.route["action"]
            return Judged(judge_routing(case, routed), case.action, action, None, routed.usage, Bill())
        heard = await answer_case(self._services, case)
        answer = heard.answer
        action = answer.route.action if answer.route else None
        expected = case.action if isinstance(case, InjectionCase) else None
        return Judged(await self._judge(case, heard), expected, action, answer.sql, answer.usage, answer.bill)

    async def _judge(self, case: Case, heard: Heard) -> Judgement:
        match case:
            case Golden():
                return judge_golden(case, heard.answer)
            case ClarificationCase():
                return judge_clarification(case, heard.answer)
            case RefusalCase():
                return judge_refusal(case, heard, await self._around())
            case InjectionCase():
                return judge_injection(case, heard, await self._around())
            case _:
                raise TypeError(f"nobody judges a {type(case).__name__}")

    async def _around(self) -> Boundaries:
        if self._boundaries is None:
            self._boundaries = Boundaries.around(await self._services.catalog.tables())
        return self._boundaries
