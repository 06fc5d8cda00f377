"""Who may let a statement run that waits for approval: pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.notice import Notice
from agent.policy.budget import budget_owner_of, budgets_asked_about
from agent.turn import Audience, Member


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """What the operator set."""

    approvers: tuple[str, ...] = ()
    """User ids, group ids or group handles. None named: everybody in the conversation who is of this company."""
    requester_may_decide: bool = True
    """Whether somebody may say yes to their own question; never from `four_eyes_cost_usd` on."""
    four_eyes_cost_usd: float = 10.0
    """From this price (US dollars) on, somebody else than the requester decides."""


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who may decide on one approval, as it was when it was asked for: a later setting changes no open card."""

    named: tuple[str, ...] = ()
    """User ids, group ids, group handles (without `@`). Empty: everybody in the conversation."""
    requester_may: bool = True
    four_eyes: bool = False
    """Somebody else than the requester, whoever they are."""
    budget_owner: str | None = None
    """Whose budget it would exceed, where it is somebody's: then it takes their word, or a named person's."""

    def allow(self, person: Member, *, requester: str) -> bool:
        is_own = person.user == requester
        if is_own and self.four_eyes:
            return False
        if self._is_named(person):
            return True
        if person.is_guest or person.is_external:
            return False  # not even on their own: what they may spend is for the company to say
        if is_own:
            return self.requester_may
        return not self.named and self.budget_owner in (None, requester)

    def is_nobody_beside(self, requester: Member) -> bool:
        """Whether nobody may decide where *requester* is alone. Whoever is named sees it elsewhere, too."""
        is_named = bool(self.named) or self.budget_owner not in (None, requester.user)
        return not is_named and not self.allow(requester, requester=requester.user)

    def _is_named(self, person: Member) -> bool:
        return person.user == self.budget_owner or not {person.user, *person.groups}.isdisjoint(self.named)


def deciders_of(rules: ApprovalRules, ceiling_usd: float, reasons: Sequence[Notice]) -> Deciders:
    """Who decides on a statement that may cost up to *ceiling_usd* and that these *reasons* stopped."""
    is_over_budget = bool(budgets_asked_about(reasons))
    return Deciders(
        named=tuple(name.removeprefix("@") for name in rules.approvers),
        # A budget that people could lift for themselves would be none.
        requester_may=rules.requester_may_decide and not is_over_budget,
        four_eyes=ceiling_usd >= rules.four_eyes_cost_usd,
        budget_owner=budget_owner_of(reasons),
    )


def speaker_in(audience: Audience, user: str) -> Member:
    """Who decides, as far as anybody can say: where nobody can, a stranger without groups."""
    return audience.asker or Member(user, is_external=audience.external)
