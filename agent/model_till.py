"""Model calls cost money, too: each is paid from the asker's budgets and written into the audit."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from agent.audit import AuditEntry
from agent.errors import ModelError
from agent.llm.model import Meter, Model, Prompt, ShapeT
from agent.llm.pricing import TokenPrice
from agent.notice import Notice
from agent.policy.budget import OnExceeded
from agent.policy.budgets import Budgets
from agent.spend import Amount, Payers, payers_of, usd
from agent.turn import Turn, Usage

_HASH_LENGTH: Final = 12
_ANYTHING: Final = Amount(usd=Decimal("1e-9"))
"""What a call costs is known after it: before, a budget has something left or nothing."""


class BudgetSpent(ModelError):
    """A budget has no dollar left for a model call."""

    code = "error.budget_spent"

    def __init__(self, reason: Notice) -> None:
        super().__init__(reason.code)
        self._reason = reason

    @property
    def notice(self) -> Notice:
        return self._reason


@dataclass(frozen=True, slots=True)
class ModelTill:
    budgets: Budgets
    model: str
    price: TokenPrice | None
    """None: nobody said what tokens cost. They are counted in the audit, and no budget of dollars knows of them."""
    policy_version: Callable[[], str]
    """Of the policy that holds now."""
    now: Callable[[], datetime]

    def paying(self, model: Model, turn: Turn) -> "PaidModel":
        return PaidModel(model, self, turn)

    async def warnings(self, turn_id: str) -> tuple[Notice, ...]:
        """What to tell of budgets that the turn, by its queries or its model calls, has brought near their limits."""
        return tuple(standing.warn() for standing in await self.budgets.warnings(turn_id))

    async def admit(self, payers: Payers) -> None:
        """Raises BudgetSpent. A budget whose owner may let queries run beyond it lets the model answer."""
        if self.price is None:
            return
        for standing in await self.budgets.exceeded(payers, self.now(), _ANYTHING):
            if standing.budget.on_exceeded is OnExceeded.BLOCK:
                raise BudgetSpent(standing.spent_notice())

    async def charge(self, turn: Turn, prompt: Prompt, used: Usage) -> None:
        cost = None if self.price is None else usd(self.price.cost_usd(used.input_tokens, used.output_tokens))
        entry = AuditEntry(
            # A model endpoint has no job ids: a call that a crash repeats is a second call, and is paid twice.
            key=f"model:{uuid.uuid4().hex}",
            kind="model",
            at=self.now(),
            turn_id=turn.id,
            conversation=turn.conversation,
            payers=payers_of(turn.actor, turn.audience),
            policy_version=self.policy_version(),
            outcome=prompt.name,
            cost_usd=cost,
            model=self.model,
            prompts={prompt.name: prompt_hash(prompt)},
            usage=used,
        )
        await self.budgets.charge(entry)


class PaidModel:
    """A `Model` for one turn."""

    def __init__(self, model: Model, till: ModelTill, turn: Turn) -> None:
        self._model = model
        self._till = till
        self._turn = turn

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        await self._till.admit(payers_of(self._turn.actor, self._turn.audience))
        meter.prompts[prompt.name] = prompt_hash(prompt)
        before = meter.usage
        try:
            return await self._model.ask(prompt, shape, meter)
        finally:  # what failed or was stopped half way has its price as well
            if (used := _used_since(before, meter.usage)).calls:
                await self._till.charge(self._turn, prompt, used)


def prompt_hash(prompt: Prompt) -> str:
    """Of the constant part: it says which version of the prompt was in use."""
    return hashlib.sha256(prompt.system.encode()).hexdigest()[:_HASH_LENGTH]


def _used_since(before: Usage, now: Usage) -> Usage:
    return Usage(
        now.calls - before.calls, now.input_tokens - before.input_tokens, now.output_tokens - before.output_tokens
    )
