"""`botctl sql check` as a person types it: no .env, no Postgres, no BigQuery."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenario.house import ROOT

ATTACKS = ROOT / "tests/data/adversarial.jsonl"
GRANTS = ("sales", "ga", "ga4", "bigquery-public-data.google_analytics_sample")


@pytest.fixture
def environ(tmp_path: Path, googlesql_cache: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "CACHE_DIR": str(googlesql_cache.parent),
        "PYTHONPATH": str(ROOT),
    }


def check(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "sql", "check", *words],
        cwd=environ["HOME"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_one_statement_gets_one_json_object(environ):
    ended = check(environ, "--project", "p", "--grant", "p.sales", "--json", "--sql", "SELECT * FROM sales.a, hr.b")
    assert (ended.returncode, ended.stderr) == (0, "")
    told = json.loads(ended.stdout)
    assert set(told) == {"decision", "reasons", "tables", "statement_type", "ms"}
    assert (told["decision"], told["tables"], told["statement_type"]) == ("deny", ["p.hr.b", "p.sales.a"], "SELECT")
    assert told["reasons"][0] == "deny.table: p.hr.b is outside of what I may read here."


def test_for_people_it_is_a_word_and_the_reasons(environ):
    ended = check(environ, "--sql", "DROP TABLE sales.a")
    words = "deny  DROP\n  deny.not_a_read: I only read data: DROP statements are never run.\n"
    assert (ended.returncode, ended.stdout) == (0, words)


def test_a_file_of_attacks_gets_a_verdict_for_each_line(environ):
    ended = check(environ, "--project", "proj-x", "--grant", *GRANTS, "--jsonl", str(ATTACKS))
    assert ended.returncode == 0, ended.stderr
    expected = {row["id"]: row["expect"] for row in map(json.loads, ATTACKS.read_text().strip("\n").split("\n"))}
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [row["id"] for row in told] == list(expected)
    assert {row["decision"] for row in told if expected[row["id"]] == "deny"} <= {"deny", "approval"}
    assert all(row["decision"] == "allow" for row in told if expected[row["id"]] == "allow")


def test_a_star_grants_tables_and_nothing_else(environ):
    assert check(environ, "--grant", "*", "--sql", "SELECT * FROM t JOIN x.y.z USING (id)").stdout.startswith("allow")
    assert check(environ, "--grant", "*", "--sql", "DELETE FROM t WHERE TRUE").stdout.startswith("deny")


def test_the_daemons_own_grants_count_where_none_are_named(environ):
    settings = {"BIGQUERY_PROJECT": "p", "BIGQUERY_DATASETS": "sales"}
    assert check(environ | settings, "--sql", "SELECT * FROM sales.a").stdout.startswith("allow")
    assert check(environ, "--sql", "SELECT * FROM sales.a").stdout.startswith("deny")


def test_without_the_engine_the_verdict_is_that_of_a_daemon_without_it(environ, tmp_path):
    (tmp_path / "googlesql").write_text("")
    ended = check(environ | {"CACHE_DIR": str(tmp_path)}, "--grant", "*", "--json", "--sql", "SELECT * FROM a.b")
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (ended.returncode, told["decision"], told["tables"]) == (0, "approval", ["a.b"])
    assert "botctl: Google's SQL engine cannot be loaded (FileExistsError: " in ended.stderr


def test_a_wrong_word_is_one_sentence(environ):
    ended = check(environ, "--grant", "sales", "--sql", "SELECT 1")
    sentence = "botctl: --grant sales names no project: say --project, or --grant PROJECT.sales.\n"
    assert (ended.returncode, ended.stderr) == (2, sentence)
