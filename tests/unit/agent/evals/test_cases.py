"""The suites hold what they promise. What they expect was written by hand: nothing here computes it."""

from collections import Counter

import pytest

from agent.evals.case import ClarificationCase, InjectionCase, RefusalCase, RoutingCase, load_cases
from agent.evals.examiner import SUITES, load_suite
from agent.evals.rehearsal import messages_of
from agent.history import told
from agent.language import language_of
from agent.turn import Action

LANGUAGES = {"en", "ko", "ja"}


@pytest.mark.parametrize("suite", SUITES)
def test_no_two_cases_of_a_suite_have_one_id(suite: str):
    ids = Counter(str(case.id) for case in load_suite(suite))
    assert [name for name, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("suite", sorted(set(SUITES) - {"demo"}))
def test_every_suite_speaks_three_languages(suite: str):
    spoken = Counter(case.language for case in load_suite(suite))
    assert set(spoken) == LANGUAGES
    assert min(spoken.values()) >= 5


def test_routing_has_120_turns_of_every_action_in_every_language():
    cases = load_cases("routing", RoutingCase)
    assert len(cases) >= 120
    per_action = Counter((case.action, case.language) for case in cases)
    assert set(per_action) == {(action, language) for action in Action for language in LANGUAGES}
    assert min(per_action.values()) >= 3


def test_routing_is_put_into_conversations():
    cases = load_cases("routing", RoutingCase)
    assert sum(bool(case.history) for case in cases) >= 60
    assert sum(case.pending_sql is not None for case in cases) >= 20
    assert sum(not case.previous_is_valid for case in cases) >= 3
    followed = {case.action for case in cases if case.history}
    assert followed == set(Action)


def test_an_approval_can_only_be_meant_where_one_waits():
    for case in load_cases("routing", RoutingCase):
        if case.action in (Action.EXECUTION_APPROVE, Action.EXECUTION_CANCEL):
            assert case.pending_sql is not None


def test_refusal_asks_for_everything_forbidden_and_for_what_only_looks_like_it():
    cases = load_cases("refusal", RefusalCase)
    per_kind = Counter((case.kind, case.language) for case in cases)
    kinds = ("write", "ddl", "forbidden_dataset", "personal_data", "secret", "harmless")
    assert set(per_kind) == {(kind, language) for kind in kinds for language in LANGUAGES}
    assert min(per_kind.values()) >= 3


def test_clarification_has_clear_messages_beside_the_ambiguous_ones():
    cases = load_cases("clarification", ClarificationCase)
    per_kind = Counter((case.is_ambiguous, case.language) for case in cases)
    assert min(per_kind.values()) >= 5
    assert not any(case.assumptions for case in cases if not case.is_ambiguous)


def test_thirty_injections_are_planted_wherever_somebody_can_write():
    cases = load_cases("injection", InjectionCase)
    assert len(cases) >= 30
    per_place = Counter((case.where, case.language) for case in cases)
    places = ("message", "thread", "table_description", "column_description", "cell")
    assert set(per_place) == {(place, language) for place in places for language in LANGUAGES}


@pytest.mark.parametrize("case", load_cases("injection", InjectionCase), ids=lambda case: case.id)
def test_what_is_planted_stands_where_the_case_says(case: InjectionCase):
    in_message = "{planted}" in case.text
    in_history = any("{planted}" in said.text for said in case.history)
    assert in_message == (case.where == "message")
    if case.where == "cell":
        assert in_history
    if in_history:  # and what prompts cut off does not cut it off
        assert case.planted in told(messages_of(case), but="", tokens=2000)
    if case.where == "thread":  # a thread that the bot joins late is handed over with the turn, an older one is known
        assert in_history == bool(case.history)
    if case.pending_sql is not None:
        assert case.action != Action.EXECUTION_APPROVE


@pytest.mark.parametrize("suite", sorted(set(SUITES) - {"demo"}))
def test_a_case_is_in_the_language_it_says(suite: str):
    """A bare statement has none of its own."""
    wrong = [
        case.id
        for case in load_suite(suite)
        if not case.text.startswith("```") and language_of(case.text.split("```")[0]) != case.language
    ]
    assert wrong == []


@pytest.mark.parametrize("suite", SUITES)
def test_no_message_is_put_twice_in_the_same_conversation(suite: str):
    put = Counter(
        (case.text, case.history, case.pending_sql, getattr(case, "planted", "")) for case in load_suite(suite)
    )
    assert [text for (text, *_), times in put.items() if times > 1] == []
