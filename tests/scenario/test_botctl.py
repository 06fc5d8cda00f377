"""botctl as a person types it: each command a process of its own, with the scripted model and its own state folder."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenario.house import ROOT


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory, googlesql_cache: Path, postgres_uri: str) -> dict[str, str]:
    """No .env, no settings of the developer's, a database for this module."""
    home = tmp_path_factory.mktemp("botctl")
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "STATE_DIR": str(home / "state"),
        "CACHE_DIR": str(googlesql_cache.parent),
        "DATABASE_URL": postgres_uri,
        "PYTHONPATH": str(ROOT),
    }


def botctl(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli.main", *words],
        cwd=environ["HOME"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def simulate(environ: dict[str, str], *words: str) -> dict:
    ended = botctl(environ, "simulate", "--model", "scripted", "--json", *words)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_question_gets_one_json_object_with_the_number(environ):
    told = simulate(environ, "--text", "How many orders were placed in 2025?")
    assert set(told) == {
        "action", "route", "sql", "decision", "bytes_estimated", "bytes_billed", "cost_usd", "columns", "rows",
        "answer", "messages", "channel", "thread_ts", "seconds", "error",
    }  # fmt: skip
    assert (told["action"], told["decision"], told["rows"]) == ("sql_generate", "auto_execute", [[2442]])
    assert told["bytes_billed"] > 0
    assert told["cost_usd"] > 0
    assert "2,442" in told["answer"]


def test_small_talk_runs_no_sql(environ):
    told = simulate(environ, "--case", "greeting")
    assert (told["action"], told["sql"], told["rows"]) == ("chat_reply", None, [])
    assert told["answer"]


def test_a_case_of_two_messages_ends_in_the_action_of_its_name(environ):
    told = simulate(environ, "--case", "execution_approve")
    assert (told["action"], told["decision"]) == ("execution_approve", "auto_execute")
    assert len(told["rows"]) == 7


def test_a_thread_is_continued(environ):
    simulate(environ, "--text", "How many orders were placed in 2025?", "--thread-ts", "17.1", "--channel", "C1")
    told = simulate(environ, "--text", "Run that again.", "--thread-ts", "17.1", "--channel", "C1")
    assert (told["action"], told["rows"]) == ("sql_execute", [[2442]])


def test_a_thread_cannot_be_continued_without_a_memory(environ):
    ended = botctl(
        environ | {"LANGGRAPH_CHECKPOINT_BACKEND": "memory"}, "simulate", "--text", "x", "--thread-ts", "17.1"
    )
    assert ended.returncode == 2
    assert re.fullmatch(r"botctl: --thread-ts .*LANGGRAPH_CHECKPOINT_BACKEND=memory [^\n]+\.\n", ended.stderr)


def test_via_socket_shows_the_walk_and_what_was_posted(environ):
    words = (
        "simulate",
        "--model",
        "scripted",
        "--via-socket",
        "--json",
        "--text",
        "How many orders were placed in 2025?",
    )
    ended = botctl(environ, *words)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["rows"] == [[2442]]
    assert len(told["messages"]) == 1
    events = [json.loads(line)["event"] for line in ended.stderr.splitlines() if line.startswith("{")]
    assert events.index("slack.item_stored") < events.index("slack.envelope_acked") < events.index("turn.answered")
    assert events.count("turn.answered") == 1


def test_evals_say_honestly_what_equals_the_gold(environ):
    ended = botctl(environ, "evals", "run", "--model", "scripted", "--only", "1,21", "--json")
    report = json.loads(ended.stdout)
    # the script answers question 1, and knows nothing of question 21
    assert (report["total"], report["right"]) == (2, 1)
    assert [question["is_right"] for question in report["questions"]] == [True, False]


def test_an_unknown_service_is_named(environ):
    ended = botctl(environ, "local", "--only", "slack,snowflake")
    assert (ended.returncode, ended.stderr) == (2, "botctl: --only knows slack, bigquery, model, not snowflake.\n")


def test_a_wrong_setting_is_one_sentence(environ):
    ended = botctl(environ | {"WORKERS": "many"}, "simulate", "--text", "hello")
    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1)
    assert ended.stderr.startswith("botctl: WORKERS is wrong: ")
