"""What an error of another service repeats is told to people without the keys in it."""

import pytest

from agent.errors import InvalidQuery, ModelUnavailable
from agent.secret_shapes import without_secrets


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Could not cast 'sk-" + "abcdefghijklmnop1234' to INT64", "Could not cast '[…]' to INT64"),
        ("no route to https://bolt:hunter2@gateway/v1", "no route to https://[…]@gateway/v1"),
        ("password: correct2horse was refused", "password: […] was refused"),
        ("Unrecognized name: revnue at [1:8]", "Unrecognized name: revnue at [1:8]"),
        (
            "Name sk_customer_account_key not found",
            "Name sk_customer_account_key not found",
        ),  # a warehouse's usual name
        ("Could not cast 'sk_live_" + "51HabcdefGHIJKLMNOP' to INT64", "Could not cast '[…]' to INT64"),
    ],
)
def test_a_services_words_lose_their_secrets_and_nothing_else(said: str, told: str):
    assert without_secrets(said) == told


def test_what_people_are_told_of_an_error_holds_no_key_and_the_error_itself_stays_whole():
    error = InvalidQuery("Could not cast 'AKIA" + "IOSFODNN7EXAMPLE' to INT64")
    assert error.notice.params["detail"] == "Could not cast '[…]' to INT64"
    assert error.detail.count("AKIA") == 1  # the model mends the SQL by these words
    assert ModelUnavailable("the connection broke").notice.params["detail"] == "the connection broke"
