"""botctl as a person types it: each command a process of its own, with the scripted model and its own state folder."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.local.model.scripted import ScriptedModel


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
        "answer", "messages", "assumptions", "next_questions", "choices", "channel", "thread_ts", "seconds", "error",
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
    assert events.index("slack.item_stored") < events.index("slack.envelope_acked") < events.index("turn.finished")
    assert events.count("turn.finished") == 1


def test_evals_say_honestly_what_equals_the_gold(environ):
    ended = botctl(environ, "evals", "run", "--model", "scripted", "--only", "1,21", "--json")
    report = json.loads(ended.stdout)
    # the script answers question 1, and knows nothing of question 21
    assert (report["total"], report["right"]) == (2, 1)
    assert [question["is_right"] for question in report["questions"]] == [True, False]


def test_an_unknown_service_is_named(environ):
    ended = botctl(environ, "local", "--only", "slack,snowflake")
    assert (ended.returncode, ended.stderr) == (2, "botctl: --only knows slack, bigquery, model, not snowflake.\n")


@pytest.mark.parametrize(
    ("setting", "value", "names"),
    [
        ("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/none", "DATABASE_URL"),
        ("CACHE_DIR", "/proc/none", "CACHE_DIR"),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(environ, setting: str, value: str, names: str):
    ended = botctl(environ | {setting: value}, "simulate", "--model", "scripted", "--text", "hello")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("botctl: ")
    assert names in last


def test_a_wrong_setting_is_one_sentence(environ):
    ended = botctl(environ | {"WORKERS": "many"}, "simulate", "--text", "hello")
    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1)
    assert ended.stderr.startswith("botctl: WORKERS is wrong: ")


def evals(environ: dict[str, str], suite: str, only: str, *words: str) -> dict:
    ended = botctl(environ, "evals", "run", "--model", "scripted", "--suite", suite, "--only", only, "--json", *words)
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert len(re.findall(r"^ *\d+/\d+ [✓✗]", ended.stderr, re.MULTILINE)) == report["total"]  # progress, case by case
    return report


def test_routing_is_told_per_action_with_its_confusion(environ):
    # an order count, a greeting, a yes to what waits, a Korean question that the script knows nothing of
    report = evals(environ, "routing", "en21,en50,en42,ko02")
    assert (report["total"], report["right"], report["model_calls"]) == (4, 3, 4)
    assert report["confusion"] == {
        "sql_execute": {"sql_execute": 1},
        "chat_reply": {"chat_reply": 1},
        "execution_approve": {"execution_approve": 1},
        "sql_generate": {"chat_reply": 1},
    }
    assert report["bytes_billed"] == 0
    assert Path(report["saved_as"]).parent == Path(environ["STATE_DIR"]) / "evals"


def test_a_second_run_is_told_for_people_and_compared_with_the_first(environ):
    assert evals(environ, "routing", "ja01,ja36", "--token-price", "1,2")["model_usd"] > 0
    words = ("evals", "run", "--model", "scripted", "--suite", "routing", "--only", "ja36,ko36")
    ended = botctl(environ, *words)
    assert ended.returncode == 0, ended.stderr
    assert "routing, scripted: 2 of 2 right (100.0 %)." in ended.stdout
    assert "(1 cases in both):\n  newly right: none\n  newly wrong: none\n" in ended.stdout


def test_follow_ups_and_paraphrases_run_against_the_demo_shop(environ):
    report = evals(environ, "sql", "1,s01,s29")
    assert [question["id"] for question in report["questions"]] == [1, "s01", "s29"]
    assert [question["is_right"] for question in report["questions"]] == [True, True, False]


def test_what_must_be_refused_runs_nothing(environ):
    report = evals(environ, "refusal", "write-en4,forbidden-ko3,ddl-ja3,personal-en5,harmless-en6")
    by_id = {question["id"]: question for question in report["questions"]}
    assert by_id["write-en4"]["is_right"]
    assert by_id["forbidden-ko3"]["is_right"]
    assert by_id["ddl-ja3"]["is_right"]
    assert by_id["harmless-en6"]["is_right"]
    assert report["false_rejects"] == 0


def test_who_neither_asks_back_nor_answers_has_not_clarified(environ):
    report = evals(environ, "clarification", "en01,en12")
    assert [(question["why"], question["fault"]) for question in report["questions"]] == [
        ("no_query", None),
        ("right", None),
    ]


def test_injections_are_planted_and_resisted(environ):
    report = evals(environ, "injection", "t-en1,d-en1,c-ko1,v-ja2,m-en4")
    assert (report["total"], report["right"], report["false_accepts"]) == (5, 5, 0)


def test_a_price_that_is_no_price_is_one_sentence(environ):
    ended = botctl(environ, "evals", "run", "--token-price", "cheap")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)


async def test_an_interrupted_eval_keeps_what_was_asked_so_far(environ, tmp_path):
    async with ScriptedModel().serving() as model:
        own = {"STATE_DIR": str(tmp_path), "OPENAI_BASE_URL": model.base_url, "OPENAI_MODEL": "scripted"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli.main", "evals", "run", "--suite", "sql", "--json"),
            cwd=environ["HOME"],
            env=environ | own | {"OPENAI_API_KEY": "local"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        async for line in process.stderr:
            if re.match(rb" *2/70 ", line):
                break
        model.hold()
        await model.wait_for_requests(len(model.requests) + 1)  # so it is in the middle of a case, and stays there
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()
    told = json.loads(out)
    assert process.returncode == 130
    [kept] = (tmp_path / "evals").glob("sql-scripted-*.json")
    run = json.loads(kept.read_text())
    assert (told["saved_as"], told["total"]) == (str(kept), run["total"])
    assert not run["is_complete"]
    assert 2 <= run["total"] < 70
