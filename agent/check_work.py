"""What the door said about a statement, as the plain values that the state keeps."""

from agent.policy.decision import Deny, decision_word
from agent.query import Check
from agent.state import CheckWork


def check_to_plain(check: Check) -> CheckWork:
    return CheckWork(
        sql=check.sql,
        decision=decision_word(check.decision).value,
        tables=list(check.tables),
        bytes_estimated=check.bytes_estimated,
        cost_usd=check.cost_usd,
    )


def is_denied(check: Check) -> bool:
    return isinstance(check.decision, Deny)
