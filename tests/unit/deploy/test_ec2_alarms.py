"""Whom CloudWatch tells, and of what: each filter is tried on a line as the daemon writes it into the journal.

The CloudWatch agent sends an entry of the journal as `{"body": {"MESSAGE": ..., "BOT_EVENT": ...}}`, all of it text.
"""

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from structlog.testing import capture_logs

from agent.turn import Action, Answer, Bill, Route
from bot.inbox.items import TurnRequested
from bot.logging.journal import render_entry
from bot.metrics.instruments import Instruments
from bot.turn_line import TurnLine
from tests.stack_templates import EC2, load, one, resources, strings, text_of

ROOT = EC2.parents[1]
FILTERS = resources("monitoring", "AWS::Logs::MetricFilter")
ALARMS = resources("monitoring", "AWS::CloudWatch::Alarm")
OURS = {"Fn::Sub": "SlackBot/${Vms}"}
CLAUSE = re.compile(r'\$\.([\w.]+) (=|!=|>=|>) (?:"([^"]*)"|([\d.]+))')


def sent(event: dict[str, Any]) -> dict[str, str]:
    """What the agent sends of *event*."""
    lines = render_entry(None, "info", dict(event)).splitlines()
    return {"body": dict(line.split("=", 1) for line in lines)}


def matches(logical: str, line: dict[str, Any]) -> bool:
    """As CloudWatch would say, of patterns as ours are: clauses with `&&` between them."""
    pattern = FILTERS[logical]["FilterPattern"]
    clauses = CLAUSE.findall(pattern)
    assert pattern.count("$.") == len(clauses)
    for path, operator, text, number in clauses:
        value: Any = line
        for name in path.split("."):
            value = value.get(name, {})
        if not _holds(value, operator, text, number):
            return False
    return True


def _holds(value: Any, operator: str, text: str, number: str) -> bool:
    if operator in ("=", "!="):
        return (value == text) is (operator == "=")
    if not isinstance(value, str) or not re.fullmatch(r"[\d.]+", value):
        return False
    return float(value) > float(number) if operator == ">" else float(value) >= float(number)


def finished(**answer: Any) -> dict[str, str]:
    item = TurnRequested(
        dedupe_key="message:T1:C1:1712.5",
        conversation="T1:C1:1712.5",
        spoken_at=1712.5,
        team="T1",
        channel="C1",
        thread_ts="1712.5",
        user="U1",
        text="?",
        surface="channel",
    )
    with capture_logs() as logs:
        TurnLine(item, 1).answered(Answer("t", "en", Route(Action.SQL_EXECUTE, 1.0, ""), **answer))
    return sent(logs[0])


@cache
def logged_events() -> set[str]:
    """The first word of every log call of the daemon."""
    events: set[str] = set()
    for file in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "agent").rglob("*.py")]:
        text = file.read_text()
        if "structlog" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                    events.add(str(node.args[0].value))
    return events


@pytest.mark.parametrize("logical", FILTERS)
def test_a_filter_waits_for_an_event_that_the_daemon_logs(logical: str):
    event = re.search(r'BOT_EVENT = "([^"]+)"', FILTERS[logical]["FilterPattern"])[1]
    assert event in logged_events()


def test_an_answered_question_is_counted_and_timed_and_one_that_cost_is_added_up():
    line = finished(bill=Bill(100, 2048, 0.5))
    assert [logical for logical in FILTERS if matches(logical, line)] == ["TurnsFinished", "AnswerSeconds", "TurnUsd"]


def test_a_failed_question_is_counted_as_one():
    assert matches("TurnsFailed", finished(error="ModelUnavailable"))


@pytest.mark.parametrize(
    ("event", "logical"),
    [("turn.gave_up", "TurnsGivenUp"), ("daemon.cannot_start", "StartsRefused")],
)
def test_trouble_is_counted_under_its_own_name(event: str, logical: str):
    assert [name for name in FILTERS if matches(name, sent({"event": event}))] == [logical]


def test_a_metric_whose_value_is_a_field_reads_it_as_a_number():
    parser, converter = one("monitoring", "AWS::Logs::Transformer")["TransformerConfig"]
    assert parser == {"ParseJSON": {}}
    numbers = {f"$.{entry['Key']}" for entry in converter["TypeConverter"]["Entries"]}
    for logical, made in FILTERS.items():
        (metric,) = made["MetricTransformations"]
        if metric["MetricValue"] != "1":
            assert metric["MetricValue"] in numbers
            assert made["ApplyOnTransformedLogs"] is True
            assert load("monitoring")["Resources"][logical]["DependsOn"] == "Numbers"


def test_the_alarms_go_off_where_the_issue_says():
    told = {
        logical: (
            alarm.get("MetricName"),
            alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
            alarm["ComparisonOperator"].removesuffix("Threshold"),
            alarm["Threshold"],
        )
        for logical, alarm in ALARMS.items()
    }
    assert told == {
        "BotNotReady": ("slackbot_ready", "Maximum", "LessThan", 1),
        "BotDegraded": ("slackbot_degraded", "Maximum", "GreaterThan", 0),
        "QueueWaits": ("slackbot_queue_age_seconds", "Maximum", "GreaterThan", 60),
        "ErrorRate": (None, None, "GreaterThan", 5),
        "SlowAnswers": ("AnswerSeconds", "p95", "GreaterThan", 30),
        "FailedJob": ("TurnsGivenUp", "Sum", "GreaterThan", 0),
        "StartRefused": ("StartsRefused", "Sum", "GreaterThan", 0),
        "BudgetNearlySpent": ("slackbot_budget_used_ratio", "Maximum", "GreaterThan", 0.8),
        "VmBroken": ("StatusCheckFailed", "Maximum", "GreaterThan", 0),
        "DiskFull": ("disk_used_percent", "Maximum", "GreaterThan", 80),
        "MemoryShort": ("mem_used_percent", "Maximum", "GreaterThan", 90),
    }
    rate = {query["Id"]: query for query in ALARMS["ErrorRate"]["Metrics"]}
    assert rate["rate"]["Expression"] == "IF(failed >= 3, 100 * failed / finished, 0)"
    assert [rate[name]["MetricStat"]["Metric"]["MetricName"] for name in ("failed", "finished")] == [
        "TurnsFailed",
        "TurnsFinished",
    ]


def test_what_people_say_among_themselves_is_no_question():
    assert not matches("TurnsFinished", sent({"event": "turn.finished", "outcome": "silent"}))


def test_each_alarm_of_the_bots_leads_to_a_section_of_the_runbook():
    runbook = (EC2.parent / "README.md").read_text()
    for alarm in ALARMS.values():
        for section in re.findall(r"SlackBot\w+", alarm["AlarmDescription"]):
            assert section in runbook, section


def test_silence_is_an_alarm_for_readiness_alone_and_every_alarm_tells_the_topic():
    for logical, alarm in ALARMS.items():
        assert alarm["AlarmActions"] == [{"Ref": "Topic"}]
        assert alarm["TreatMissingData"] == ("breaching" if logical == "BotNotReady" else "notBreaching")
    assert ALARMS["BotNotReady"]["Period"] * ALARMS["BotNotReady"]["EvaluationPeriods"] == 60
    (mail,) = resources("monitoring", "AWS::SNS::Subscription").values()
    assert (mail["Protocol"], mail["TopicArn"]) == ("email", {"Ref": "Topic"})


def test_alarms_may_use_the_key_of_the_topic():
    """Without it an alarm goes off, and the encrypted topic refuses it in silence."""
    statements = one("foundation", "AWS::KMS::Key")["KeyPolicy"]["Statement"]
    (allowed,) = [each for each in statements if each["Principal"].get("Service") == "cloudwatch.amazonaws.com"]
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(allowed["Action"])


def agent_config() -> Any:
    return json.loads((EC2 / "cloudwatch-agent.json").read_text())


def scrape_config() -> Any:
    (job,) = yaml.safe_load((EC2 / "scrape.yaml").read_text())["scrape_configs"]
    return job


def test_what_alarms_and_the_dashboard_read_is_what_the_filters_and_the_agent_make():
    made = {metric["MetricName"] for made in FILTERS.values() for metric in made["MetricTransformations"]}
    scraped = set(scrape_config()["metric_relabel_configs"][0]["regex"].split("|"))
    made |= scraped | {"mem_used_percent", "disk_used_percent"}
    for alarm in ALARMS.values():
        stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
        for metric in stats or [alarm]:
            assert metric["MetricName"] in made or metric["Namespace"] == "AWS/EC2"
    body = one("monitoring", "AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "x", body))["widgets"]
    shown = {name for name in strings([widget["properties"].get("metrics", []) for widget in widgets]) if name in made}
    assert shown >= scraped | {"TurnsFinished", "TurnsFailed", "AnswerSeconds", "TurnUsd", "mem_used_percent"}
    names = {alarm["AlarmName"]["Fn::Sub"] for alarm in ALARMS.values()}
    assert set(re.findall(r":alarm:(\$\{Vms\}-[a-z-]+)", body)) == names


def test_every_metric_that_is_scraped_is_an_instrument_of_the_daemons():
    instruments = {
        f"{family.name}{'_total' if family.type == 'counter' else ''}" for family in Instruments().registry.collect()
    }
    (declared,) = agent_config()["logs"]["metrics_collected"]["prometheus"]["emf_processor"]["metric_declaration"]
    wanted = {selector.strip("^$") for selector in declared["metric_selectors"]}
    assert wanted == set(scrape_config()["metric_relabel_configs"][0]["regex"].split("|"))
    assert wanted <= instruments
    assert set(re.findall(r"slackbot_\w+", text_of("monitoring"))) <= wanted


def test_the_agent_sends_to_the_groups_and_the_namespace_that_the_stacks_made_and_allow():
    config = agent_config()
    prometheus = config["logs"]["metrics_collected"]["prometheus"]
    (journal,) = config["logs"]["logs_collected"]["journald"]["collect_list"]
    groups = {made["LogGroupName"]["Fn::Sub"] for made in resources("monitoring", "AWS::Logs::LogGroup").values()}
    used = {journal["log_group_name"], prometheus["log_group_name"]}
    assert {name.replace("@STACK@", "${Vms}") for name in used} == groups
    role = text_of("stack")
    assert all(f"log-group:{name.replace('@STACK@', '${AWS::StackName}')}:*" in role for name in used)
    namespaces = {config["metrics"]["namespace"], prometheus["emf_processor"]["metric_namespace"]}
    assert namespaces == {"SlackBot/@STACK@"}
    assert 'cloudwatch:namespace: !Sub "SlackBot/${AWS::StackName}"' in role
    assert all(made["MetricTransformations"][0]["MetricNamespace"] == OURS for made in FILTERS.values())


def test_the_agent_reads_units_and_ports_that_there_are():
    systemd = ROOT / "systemd"
    (journal,) = agent_config()["logs"]["logs_collected"]["journald"]["collect_list"]
    for unit in journal["units"]:
        assert (systemd / re.sub(r"@\w+\.", "@.", unit)).is_file(), unit
    ports = {
        port
        for file in [systemd / "slack-bot.service", *Path(systemd).glob("slack-bot@*.service.d/*.conf")]
        for port in re.findall(r"HEALTH_PORT=(\d+)", file.read_text())
    }
    (targets,) = scrape_config()["static_configs"]
    assert {target.removeprefix("127.0.0.1:") for target in targets["targets"]} == ports
