"""The table of faults: what it says is what the code does, and what agent/README.md shows."""

from pathlib import Path

import pytest
from google.api_core import exceptions as api

from agent.bigquery.client import RETRY_SECONDS
from agent.bigquery.errors import is_retryable_request, job_error, warehouse_error
from agent.bigquery.faults import FAULTS, Fault, Remedy, faults_table
from agent.errors import InvalidQuery, JobFailed
from agent.job_runs import MAX_GENERATIONS
from agent.notice import Notice
from bot.i18n.catalogue import LANGUAGES, SENTENCES, say_notice
from bot.inbox.retry import RetryPolicy

README = Path(__file__).parents[4] / "agent/README.md"
WITH_REASONS = [(fault, reason) for fault in FAULTS for reason in fault.reasons]
NAMED = pytest.mark.parametrize(("fault", "reason"), WITH_REASONS, ids=[reason for _, reason in WITH_REASONS])


def answered(reason: str) -> api.GoogleAPICallError:
    """The class says nothing: BigQuery sends the same reason with several."""
    return api.InternalServerError("why", errors=[{"reason": reason, "message": "why"}])


@NAMED
def test_a_request_is_repeated_where_the_table_says_so(fault: Fault, reason: str) -> None:
    assert is_retryable_request(answered(reason)) is (fault.asked_remedy is Remedy.REQUEST)


@NAMED
def test_a_request_ends_in_the_tables_error_and_the_turn_is_repeated_accordingly(fault: Fault, reason: str) -> None:
    error = warehouse_error(answered(reason))
    if fault.asked is None:
        return  # insert_or_attach meets it before: tests/local/test_query_door.py, tests/scenario/test_kill.py
    assert type(error) is fault.asked
    assert error.is_transient is (fault.asked_remedy in (Remedy.REQUEST, Remedy.TURN))
    assert isinstance(error, InvalidQuery) is (fault.asked_remedy is Remedy.MODEL)


@NAMED
def test_a_job_ends_in_the_tables_error_and_is_followed_by_another_accordingly(fault: Fault, reason: str) -> None:
    error = job_error({"reason": reason, "message": "why"}, was_found_finished=False)
    if fault.ran is not None:
        assert type(error) is fault.ran
    assert isinstance(error, JobFailed) is (fault.ran_remedy is Remedy.NEW_JOB)
    assert not error.is_transient  # the turn's own walk over job ids was the retry


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_a_sentence_in_every_language(fault: Fault, language: str) -> None:
    for error in {fault.asked, fault.ran} - {None}:
        assert error is not None
        assert say_notice(language, Notice(error.code, {"detail": "BigQuery's words"}))  # type: ignore[arg-type]


def test_no_reason_is_in_two_faults() -> None:
    assert len({reason for _, reason in WITH_REASONS}) == len(WITH_REASONS)


def test_the_numbers_in_the_words_are_the_codes() -> None:
    words = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
    more = f"the turn {words[len(RetryPolicy().delays)]} more times"
    assert str(Remedy.REQUEST) == f"the request again for {RETRY_SECONDS:.0f} s, then {more}"
    assert str(Remedy.TURN) == more
    assert str(Remedy.NEW_JOB) == f"a job under a new id, {words[MAX_GENERATIONS]} in all"


def test_the_readme_shows_the_table() -> None:
    table = "\n".join(faults_table({code: str(sentence) for code, sentence in SENTENCES["en"].items()}))
    assert table in README.read_text(encoding="utf-8")
