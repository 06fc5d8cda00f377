"""Alerts, dashboard and runbook speak of instruments that there are, and the runbook of every alert."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.policy.budget import Scope
from bot.metrics.instruments import SLACK_OUTCOMES, Instruments
from bot.metrics.meters import Meters
from bot.vitals import VitalSigns

DEPLOY = Path(__file__).parents[2] / "deploy"
MONITORING = DEPLOY / "monitoring"
RUNBOOK = (DEPLOY / "README.md").read_text(encoding="utf-8")
METRIC = re.compile(r"\b(?:slackbot|process)_[a-z_]+\b")
SELECTOR = re.compile(r"\b(slackbot_[a-z_]+)\{([^}]*)\}")


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))["panels"]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    yield from (target["expr"] for panel in panels() for target in panel.get("targets", []))


def families() -> dict[str, str]:
    """What is scraped, by the name that a person would call it, and its help."""
    suffix = {"counter": "_total"}
    return {f.name + suffix.get(f.type, ""): f.documentation for f in Instruments().registry.collect()}


def scraped() -> set[str]:
    """With the suffixes of histograms."""
    names = set(families())
    return names | {name + suffix for name in names for suffix in ("_bucket", "_sum", "_count")}


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_what_is_asked_for_is_scraped(expression: str) -> None:
    assert set(METRIC.findall(expression)) <= scraped()


async def test_a_label_that_is_asked_for_is_one_that_is_counted() -> None:
    """Each alternative of a pattern is some value of that label of that metric."""
    meters = Meters(VitalSigns())
    for outcome in SLACK_OUTCOMES:
        meters.slack_called("chat.update", outcome)
    meters.instruments.budget_used.labels(f"{Scope.USER}:*:day").set(0)
    counted: dict[tuple[str, str], set[str]] = {}
    for name, labels in SELECTOR.findall((await asyncio.to_thread(meters.instruments.render)).decode()):
        for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
            counted.setdefault((name, label), set()).add(value)
    for expression in expressions():
        for name, labels in SELECTOR.findall(expression):
            for label, pattern in re.findall(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"', labels):
                values = counted[name, label]
                for one in pattern.split("|"):
                    assert any(re.fullmatch(one, value) for value in values), f"{expression}: no {label} is {one}"


def test_every_instrument_of_ours_is_in_the_runbooks_table_with_its_help() -> None:
    ours = {name: text for name, text in families().items() if name.startswith("slackbot_")}
    table = dict(re.findall(r"^\| `(slackbot_[a-z_]+)(?:\{[a-z, ]+\})?` \| (.+?) \|$", RUNBOOK, re.MULTILINE))
    assert table == ours


def test_the_runbook_has_a_section_for_every_alert_and_for_no_other() -> None:
    sections = re.findall(r"^### (SlackBot\w+)$", RUNBOOK, re.MULTILINE)
    assert sections == [rule["alert"] for rule in alerts()]


def test_every_alert_says_how_urgent_it_is_and_is_on_the_dashboard() -> None:
    assert {rule["labels"]["severity"] for rule in alerts()} == {"page", "ticket"}
    assert {rule["alert"] for rule in alerts()} <= {panel.get("description") for panel in panels()}


def test_panels_stand_beside_each_other_and_not_on_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not taken & cells, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    tests = yaml.safe_load((MONITORING / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    for rule in alerts():
        outcomes = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == rule["alert"]}
        assert outcomes == {True, False}, rule["alert"]


@pytest.mark.extra("promtool")
async def test_promtool_reads_what_is_scraped() -> None:
    meters = Meters(VitalSigns())
    scraped = await asyncio.to_thread(meters.instruments.render)
    check = [str(shutil.which("promtool")), "check", "metrics"]
    done = await asyncio.to_thread(subprocess.run, check, input=scraped, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.extra("promtool")
@pytest.mark.parametrize(
    "command",
    [("check", "rules", "alerts.yml"), ("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")],
    ids=" ".join,
)
def test_promtool_finds_nothing_wrong(command: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    assert promtool is not None
    done = subprocess.run([promtool, *command], cwd=MONITORING, capture_output=True, text=True, timeout=60, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
