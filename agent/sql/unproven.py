"""What can be said without Google's engine: by sqlglot alone nothing is let through, only a person is asked."""

from agent.sql.names import TableName
from agent.sql.rules import GateRules, judge_name
from agent.sql.second_opinion import Opinion, second_opinion
from agent.sql.verdict import Finding, Verdict, ask, deny, reach_verdict


def judge_unproven(sql: str, rules: GateRules) -> Verdict:
    """Approval where sqlglot reads one SELECT over granted tables by plain functions, else deny; never allow.

    sqlglot reads some texts that BigQuery does not, and some differently: before anything runs, BigQuery's own dry run
    has to call it a SELECT of granted tables too (`agent.policy.agreement`), and a person has to say yes.
    """
    opinion = second_opinion(sql)
    if opinion is None or not _is_one_plain_read(opinion):
        return reach_verdict(sql, [deny("deny.engine_unavailable")])
    tables: set[TableName] = set()
    findings: list[Finding] = [ask("approval.engine_unavailable")]
    for table in sorted(opinion.tables):
        findings += judge_name((table,), rules, tables)
    return reach_verdict(sql, findings, tables=tuple(sorted(tables)), statement_type="SELECT")


def _is_one_plain_read(opinion: Opinion) -> bool:
    return opinion.statements == 1 and not opinion.foreign and not opinion.has_routines and not opinion.has_unscoped
