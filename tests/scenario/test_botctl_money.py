"""`botctl budget` and `botctl audit` as a person types them, on one Postgres."""

import csv
import io
import json
import subprocess
import sys

from tests.scenario.house import ROOT


def botctl(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli.main", *words],
        cwd=ROOT / "tests",  # no .env of the developer's
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_budget_is_set_shown_and_taken_away_and_the_audit_of_nothing_has_its_names(environ: dict[str, str]):
    words = ("--user", "U1", "--per", "day")
    put = botctl(environ, "budget", "set", *words, "--bytes", "100GB", "--on-exceeded", "approval", "--owner", "U9")
    assert (put.returncode, put.stderr) == (0, "")
    assert put.stdout == "user:U1:day: 100.0 GB a day, beyond it needs approval, owner U9\n"
    shown = botctl(environ, "budget", "show", "--json")
    (line,) = json.loads(shown.stdout)
    assert (line["budget"], line["limit_bytes"], line["limit_usd"]) == ("user:U1:day", 100 * 10**9, None)
    assert [(s["subject"], s["left_bytes"]) for s in line["standings"]] == [("U1", 100 * 10**9)]
    assert botctl(environ, "budget", "unset", *words).stdout == "user:U1:day: unset\n"
    export = botctl(environ, "audit", "export", "--since", "30d", "--format", "csv")
    assert (export.returncode, export.stderr) == (0, "")
    assert next(csv.reader(io.StringIO(export.stdout)))[:4] == ["id", "key", "kind", "at"]


def test_what_cannot_be_read_is_one_sentence(environ: dict[str, str]):
    ended = botctl(environ, "audit", "prune", "--before", "3d")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "botctl: --before 3d is too late: 30 days of the audit are always kept.\n"
