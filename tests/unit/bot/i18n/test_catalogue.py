"""Three catalogues, one set of sentences."""

import string
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import AgentError
from agent.notice import Notice
from agent.policy.approvals import ApprovalState
from agent.turn import Language, Step
from bot.i18n.catalogue import LANGUAGES, SENTENCES, say, say_notice
from bot.i18n.numbers import bytes_text, number_text, usd_text


def placeholders(sentence: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in string.Formatter().parse(sentence) if name is not None}


def forms(code: str, language: str) -> list[str]:
    sentence = SENTENCES[language][code]  # type: ignore[index]
    return [sentence] if isinstance(sentence, str) else list(sentence.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence(language: str) -> None:
    assert set(SENTENCES[language]) == set(SENTENCES["en"])  # type: ignore[index]


@pytest.mark.parametrize("code", sorted(SENTENCES["en"]))
def test_every_form_of_a_sentence_names_the_same_values(code: str) -> None:
    names = {language: {frozenset(placeholders(form)) for form in forms(code, language)} for language in LANGUAGES}
    assert len(set().union(*names.values())) == 1, names


@pytest.mark.parametrize("code", sorted(SENTENCES["en"]))
def test_plural_sentences_have_a_form_for_every_number_but_one(code: str) -> None:
    for language in LANGUAGES:
        sentence = SENTENCES[language][code]
        assert isinstance(sentence, str) or "other" in sentence


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_korean_and_japanese_are_translated(language: str) -> None:
    same = {c for c, s in SENTENCES[language].items() if s == SENTENCES["en"][c]}  # type: ignore[index]
    assert same <= {"answer.cost", "modal.sql_title", "word.ops_bigquery"}


def all_errors(kind: type[AgentError]) -> set[type[AgentError]]:
    return {kind}.union(*(all_errors(child) for child in kind.__subclasses__()))


@pytest.mark.parametrize("error", sorted(all_errors(AgentError), key=lambda kind: kind.__name__))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_a_person_can_meet_has_a_sentence(error: type[AgentError], language: str) -> None:
    with structlog.testing.capture_logs() as logs:
        assert say_notice(language, Notice(error.code, {"detail": "BigQuery says no"}))  # type: ignore[arg-type]
    assert logs == []


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", ["running", "done", "failed"])
def test_every_step_has_words(step: Step, state: str) -> None:
    assert all(f"progress.{step}.{state}" in SENTENCES[language] for language in LANGUAGES)


def test_every_code_named_in_the_source_exists() -> None:
    """A literal `Notice("...")` or `say(language, "...")` anywhere in the product."""
    import re

    root = Path(__file__).parents[4]
    literal = re.compile(
        r"(?:\b(?:Notice|ask|deny|note)\(|\bsay\(\w[\w.]*,|_tell\(click,|sentence_view\(\w[\w.]*,)\s*\"([a-z_0-9.]+)\""
    )
    found = {
        (code, str(path.relative_to(root)))
        for folder in ("agent", "bot")
        for path in (root / folder).rglob("*.py")
        for code in literal.findall(path.read_text(encoding="utf-8"))
    }
    assert found, "the pattern finds nothing any more"
    assert sorted(place for place in found if place[0] not in SENTENCES["en"]) == []


def test_an_unknown_code_is_said_in_general_words_and_logged() -> None:
    with structlog.testing.capture_logs() as logs:
        assert "no.such_code" in say_notice("en", Notice("no.such_code", {"detail": "x"}))
    assert [entry["event"] for entry in logs] == ["i18n.sentence_missing"]


def test_a_missing_param_does_not_reach_the_person_as_an_error() -> None:
    with structlog.testing.capture_logs() as logs:
        assert "turn.too_long" in say("ko", "turn.too_long")
    assert logs[0]["code"] == "turn.too_long"


def test_a_sentence_reaches_no_attribute_of_a_param() -> None:
    assert say("en", "error.invalid_query", detail="{detail.__class__}") == (
        "BigQuery does not accept this query: {detail.__class__}"
    )


def test_one_row_is_singular_and_two_are_not() -> None:
    assert say("en", "answer.rows", count=1) == "1 row"
    assert say("en", "answer.rows", count=1234) == "1,234 rows"
    assert say("ja", "answer.rows", count=1) == "1 行"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2442, "2,442"),
        (-1234567.891, "-1,234,567.89"),
        (3.0, "3"),
        (0.000123456, "0.0001235"),
        (1e20, "1e+20"),
        (float("nan"), "NaN"),
        (float("-inf"), "-∞"),
        ("abc", "abc"),
    ],
)
def test_numbers_as_people_read_them(value: int | float | str, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345_678, "12.3 MB"), (999_960, "1.0 MB"), (5e21, "5,000.0 EB")],
)
def test_bytes_as_people_read_them(value: float, text: str) -> None:
    assert bytes_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "$0.00"), (0.000001, "<$0.01"), (0.01, "$0.01"), (1234.5, "$1,234.50")]
)
def test_money_as_people_read_it(value: float, text: str) -> None:
    assert usd_text(value) == text


@given(st.floats() | st.integers())
def test_any_number_can_be_written(value: int | float) -> None:
    assert number_text(value)


@pytest.mark.parametrize("state", ApprovalState)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_an_approval_has_a_word(state: ApprovalState, language: Language) -> None:
    with structlog.testing.capture_logs() as logs:
        said = say(language, "approval.already_decided", by="U1", state=state)
    assert logs == []
    assert "@U1" in said
