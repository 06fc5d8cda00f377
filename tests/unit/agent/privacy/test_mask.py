"""Placeholders for values and back, in words and in SQL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.privacy.mask import Mask

MAIL, PHONE = "jane@example.com", "010-1234-5678"


def masked(*values: str) -> Mask:
    """A mask that knows *values*, as `<EMAIL_1>`, `<EMAIL_2>` and so on."""
    mask = Mask()
    mask.hide(" , ".join(values))
    return mask


def test_the_same_value_has_the_same_placeholder_all_turn_long():
    mask = Mask()
    assert mask.hide(f"{MAIL}, {PHONE}, {MAIL}, bob@x.org") == "<EMAIL_1>, <PHONE_1>, <EMAIL_1>, <EMAIL_2>"
    assert mask.hide(f"again {PHONE} and bob@x.org") == "again <PHONE_1> and <EMAIL_2>"


def test_what_was_hidden_comes_back():
    mask = Mask()
    text = f"Compare {MAIL} (phone {PHONE}) with card 4111 1111 1111 1111."
    hidden = mask.hide(text)
    assert mask.restore(hidden) == text
    assert not any(value in hidden for value in (MAIL, PHONE, "4111"))


@pytest.mark.parametrize(
    "said", ["<EMAIL_1>", "<email_1>", "< EMAIL_1 >", "&lt;EMAIL_1&gt;", "EMAIL_1"], ids=lambda said: said
)
def test_a_model_may_spell_a_placeholder_badly(said: str):
    assert masked(MAIL).restore(f"Orders of {said}.") == f"Orders of {MAIL}."


def test_a_placeholder_that_was_never_given_out_stays():
    assert masked(MAIL).restore("<EMAIL_7> <PHONE_1> EMAIL_2") == "<EMAIL_7> <PHONE_1> EMAIL_2"


def test_words_that_look_like_a_placeholder_are_never_taken_for_one():
    mask = Mask()
    hidden = mask.hide(f"Is <EMAIL_1> the column email_2? {MAIL}", beside="EMAIL_3 STRING")
    assert hidden == "Is <EMAIL_1> the column email_2? <EMAIL_4>"
    assert mask.restore(hidden) == f"Is <EMAIL_1> the column email_2? {MAIL}"


@given(st.text(alphabet="ab@.com <>_EMAIL1&lt;010-23456789'\\\n ", max_size=60))
def test_whatever_was_hidden_comes_back(text: str):
    mask = Mask()
    assert mask.restore(mask.hide(text)) == text


@pytest.mark.parametrize(
    ("written", "restored"),
    [
        ("email = '<EMAIL_1>'", "email = 'jane@example.com'"),
        ('email = "<EMAIL_1>"', 'email = "jane@example.com"'),
        ("email LIKE '%<EMAIL_1>%'", "email LIKE '%jane@example.com%'"),
        ("email = 'EMAIL_1'", "email = 'jane@example.com'"),
        ("email = <EMAIL_1>", "email = 'jane@example.com'"),
        ("email IN ('<EMAIL_1>', '<EMAIL_7>')", "email IN ('jane@example.com', '<EMAIL_7>')"),
        ("REGEXP_CONTAINS(email, r'^<EMAIL_1>$')", "REGEXP_CONTAINS(email, r'^jane@example.com$')"),
        ("SELECT EMAIL_1 FROM t", "SELECT EMAIL_1 FROM t"),
        ("SELECT `EMAIL_1` FROM t -- <EMAIL_1>", "SELECT `EMAIL_1` FROM t -- <EMAIL_1>"),
        ("SELECT 1 /* '<EMAIL_1> */ WHERE a = '<EMAIL_1>'", "SELECT 1 /* '<EMAIL_1> */ WHERE a = 'jane@example.com'"),
        ("a = 'it''s' # <EMAIL_1>'\nAND b = '<EMAIL_1>'", "a = 'it''s' # <EMAIL_1>'\nAND b = 'jane@example.com'"),
        ("a = '''<EMAIL_1> 'x' ''' || '\\'<EMAIL_1>'", "a = '''jane@example.com 'x' ''' || '\\'jane@example.com'"),
        ("a < b AND 'x' > c", "a < b AND 'x' > c"),
        ("a = '<EMAIL_1>", "a = 'jane@example.com"),
    ],
)
def test_a_value_comes_back_as_the_text_of_a_literal(written: str, restored: str):
    assert masked(MAIL).restore_sql(written) == restored


@pytest.mark.parametrize(
    ("written", "restored"),
    [
        ("'<EMAIL_1>'", r"'o\'brien@x.com'"),
        ('"<EMAIL_1>"', '"o\'brien@x.com"'),
        ("'''<EMAIL_1>'''", r"'''o\'brien@x.com'''"),
        (r"r'^<EMAIL_1>\.'", r"'^o\'brien@x.com\\.'"),
        (r"r'\d'", r"r'\d'"),
        ("<EMAIL_1>", r"'o\'brien@x.com'"),
    ],
)
def test_a_value_cannot_end_the_literal_it_is_put_into(written: str, restored: str):
    assert masked("o'brien@x.com").restore_sql(f"SELECT {written}") == f"SELECT {restored}"


def test_a_secret_with_every_dangerous_character_stays_one_literal():
    mask = Mask()
    begin, end = "-----BEGIN " + "PRIVATE KEY-----", "-----END " + "PRIVATE KEY-----"
    assert mask.hide(f"{begin}\n'\\ -- ; DROP TABLE x\n{end}") == "<SECRET_1>"
    assert mask.restore_sql("SELECT '<SECRET_1>'") == rf"SELECT '{begin}\n\'\\ -- ; DROP TABLE x\n{end}'"
