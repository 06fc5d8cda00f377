"""What policy says of a statement: one of three words, with every reason kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from agent.notice import Notice
from agent.turn import DecisionWord


@dataclass(frozen=True, slots=True)
class Allow:
    """It may run now."""

    reasons: tuple[Notice, ...] = ()
    """Remarks that changed nothing: an approval that was given, an opinion that could not be had."""


@dataclass(frozen=True, slots=True)
class NeedApproval:
    """It runs once a person who may say so has said yes."""

    reasons: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Deny:
    """It does not run, whoever asks."""

    reasons: tuple[Notice, ...]


Decision: TypeAlias = Allow | NeedApproval | Deny


def strictest(decisions: Iterable[Decision]) -> Decision:
    """The strictest of *decisions*, with the reasons of all of them, strictest first. None at all is a denial."""
    ranked = sorted(decisions, key=_severity, reverse=True)
    reasons = tuple(reason for decision in ranked for reason in decision.reasons)
    match ranked[:1]:
        case [Allow()]:
            return Allow(reasons)
        case [NeedApproval()]:
            return NeedApproval(reasons)
        case _:
            return Deny(reasons)


def decision_word(decision: Decision) -> DecisionWord:
    match decision:
        case Allow():
            return DecisionWord.AUTO_EXECUTE
        case NeedApproval():
            return DecisionWord.APPROVAL_REQUIRED
        case Deny():
            return DecisionWord.BLOCKED
        case _:
            assert_never(decision)


def _severity(decision: Decision) -> int:
    match decision:
        case Allow():
            return 0
        case NeedApproval():
            return 1
        case Deny():
            return 2
        case _:
            assert_never(decision)
