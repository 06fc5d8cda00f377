"""What a line may say. The keys here are made up; most are cut in two, so that nothing finds them in this file."""

import base64

import psycopg
import pydantic
import pytest
from google.api_core.exceptions import BadRequest

from agent.errors import InvalidQuery
from bot.logging.redaction import LONGEST_ERROR, LONGEST_TEXT, Redactor
from bot.logging.secrets import Secrets

PLAIN = Redactor(Secrets())
PEM = "-----BEGIN PRIVATE" + " KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASC\n-----END PRIVATE" + " KEY-----"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("token xoxb-" + "123456789012-abc refused", "123456789012"),
        ("token xoxe.xoxp-" + "1-Mi0yLTE refused", "Mi0yLTE"),
        ("app xapp-" + "1-A111-222-abcdef", "A111"),
        ("Incorrect API key provided: sk-" + "proj-abcdefghijkl.", "abcdefghijkl"),
        ("paid with sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39"),
        ("ya29." + "a0AfB_byabcdef", "a0AfB"),
        ("key id AKIA" + "IOSFODNN7EXAMPLE", "IOSFODNN"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalr"),
        ('{"SecretAccessKey": "wJalrXUtnFEMI"}', "wJalr"),
        ("eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "dozjg"),
        ("Authorization: Bearer abcdefghij", "abcdefghij"),
        ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpwYXNz"),
        ("sent bearer 0123456789abcdef", "0123456789abcdef"),
        ("postgresql://bolt:hunter2@db.internal/bolt", "hunter2"),
        ("redis://:hunter2@cache", "hunter2"),
        ("connection to host=db password=hunter2 failed", "hunter2"),
        (PEM, "MIIEvQ"),
        ('{"private_key": "' + PEM.replace("\n", "\\n") + '"}', "MIIEvQ"),
        (PEM[:60], "MIIEvQ"),  # cut short: all of it goes
        ("https://hooks.slack.com/commands/T1/123456789/" + "abcdefgh", "abcdefgh"),
        ("wss://wss-primary.slack.com/link/?ticket=1f2e3d4c&app_id=A1", "1f2e3d4c"),
        ("https://files.slack.com/upload/v1/" + "CwABAAAAXAoAAVnX", "CwABAAAAXAoAAVnX"),
        ("client_secret=GOCSPX-" + "abcdefghijklm", "abcdefghijklm"),
    ],
)
def test_keys_are_known_by_their_shape_or_their_name(text: str, secret: str):
    redacted = PLAIN.redact(text)
    assert secret not in redacted
    assert "[redacted]" in redacted


def test_what_is_round_a_secret_stays_readable():
    assert PLAIN.redact("postgresql://bolt:hunter2@db.internal/bolt") == "postgresql://bolt:[redacted]@db.internal/bolt"
    assert PLAIN.redact("host=db password=hunter2 failed") == "host=db password=[redacted] failed"


@pytest.mark.parametrize(
    "text",
    [
        "message:T0LOCAL:C0GENERAL:1795162355.026317",
        "bolt_3f2a9c817d5b4e60a1b2c3d4e5f60718_0",
        "3f2a9c817d5b4e60a1b2c3d4e5f6071823456789012345678901234567890123",
        "2026-11-20T11:09:36.123456Z",
        "could not connect to 10.0.12.7:5432",
        "basic auth is not supported; max_tokens=1200 was cut",
        "/var/lib/slack-bot/pg/run/.s.PGSQL.5432",
        "the token was refused, the key is unknown",
        "openai_api_key: missing; OPENAI_API_KEY: Field required; api_key: must be a string; access token: expired",
        "Not found: Table demo-proj:shop.orders was not found in location US",
        "violates constraint pk_inbox_dedupe_key_of_conversation",
        "bolt@acme-prod.iam.gserviceaccount.com does not have bigquery.jobs.create",
        "slack-bot@green.service failed, slack-bot-failed@blue.service told so",
        "claude-3 gpt-5-mini us-east-1 risk-management sk-learn",
    ],
)
def test_what_an_operator_looks_for_stays(text: str):
    assert PLAIN.redact(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("asked by kim@corp.example today", "asked by [email] today"),
        ("call 010-1234-5678 now", "call [phone] now"),
        ("card 4111 1111 1111 1111 declined", "card [card] declined"),
        ("주민등록번호 900101-1234568 입니다", "주민등록번호 [kr_rrn] 입니다"),
        ("マイナンバー 1234-5678-9018 です", "マイナンバー [jp_my_number] です"),
    ],
)
def test_personal_data_is_named_by_its_kind(text: str, told: str):
    assert PLAIN.redact(text) == told


def test_our_own_secrets_are_found_in_every_spelling_they_come_up_in():
    secret = 'pa"ss/wörd, 1'
    redactor = Redactor(
        Secrets([secret, "postgresql://bolt:s%40fe%2Fone@db/bolt", "short", "line one of the key\n" * 2])
    )
    for spelt in (secret, "pa%22ss%2Fw%C3%B6rd%2C%201", '{"a": "pa\\"ss/w\\u00f6rd, 1"}', "s@fe/one", "s%40fe%2Fone"):
        assert redactor.redact(f"a {spelt} b").count("[redacted]") == 1, spelt
    assert redactor.redact("a short text") == "a short text"


def test_of_two_secrets_that_begin_alike_the_longer_one_is_hidden_whole():
    redactor = Redactor(Secrets(["correct-horse", "correct-horse-battery"]))
    assert redactor.redact("correct-horse-battery") == "[redacted]"


def test_a_password_that_is_a_word_is_hidden_where_it_is_one_only():
    redactor = Redactor(Secrets(["postgresql://postgres:postgres@db/bolt", "admin123"]))
    assert redactor.redact("postgres.started") == "postgres.started"
    assert redactor.redact("cannot reach postgresql://postgres:postgres@db") == (
        "cannot reach postgresql://postgres:[redacted]@db"
    )
    assert redactor.redact("signed in with admin123") == "signed in with [redacted]"
    assert redactor.hide_own("SELECT * FROM logins WHERE name = 'admin123'").endswith("'admin123'")  # SQL stays itself


def test_a_field_that_is_named_like_a_secret_is_not_shown_whatever_it_holds():
    assert PLAIN.redact_all({"api_key": "plain", "tokens": 7, "token": "plain"}) == {
        "api_key": "[redacted]",
        "tokens": 7,
        "token": "[redacted]",
    }


def test_a_row_that_postgres_quotes_is_left_out():
    error = (
        'psycopg.errors.NotNullViolation: null value in column "a" of relation "t"\n'
        "DETAIL:  Failing row contains (7, what the person said, null).\n"
        "[SQL: INSERT INTO t VALUES (%(a)s)]"
    )
    redacted = PLAIN.redact(error)
    assert "what the person said" not in redacted
    assert 'null value in column "..."' in redacted
    assert "[SQL: INSERT INTO t" in redacted
    assert "what the person said" not in PLAIN.redact(repr(RuntimeError(error)))


def test_a_value_that_pydantic_quotes_is_left_out():
    with pytest.raises(pydantic.ValidationError) as raised:
        pydantic.TypeAdapter(dict[str, int]).validate_python({"a": "what the person said"})
    assert "what the person said" in str(raised.value)
    assert "what the person said" not in PLAIN.redact(str(raised.value))
    assert "input_type=str" in PLAIN.redact(str(raised.value))


@pytest.mark.parametrize(
    "error",
    [
        BadRequest('POST https://bigquery: Could not cast literal "what the person said" to type INT64'),
        InvalidQuery("Syntax error: Unexpected string literal 'what the person said' at [1:8]"),
        psycopg.errors.InvalidTextRepresentation('invalid input syntax for type integer: "what the person said"'),
    ],
)
def test_in_a_traceback_the_words_that_a_service_quotes_are_left_out(error: Exception):
    module = type(error).__module__
    trace = (
        f'Traceback (most recent call last):\n  File "x.py", line 1, in f\n{module}.{type(error).__name__}: {error}\n'
    )
    redacted = PLAIN.redact(trace)
    assert "what the person said" not in redacted
    assert 'File "x.py", line 1' in redacted
    assert type(error).__name__ in redacted


def test_a_task_that_nobody_awaited_is_named_without_its_errors_words():
    printed = (
        "Task exception was never retrieved\n"
        "future: <Task finished name='queue-signs' coro=<run() done, defined at /x.py:1> "
        "exception=InvalidQuery(\"Could not cast literal 'what the person said' to INT64\")>"
    )
    assert PLAIN.redact(printed).endswith("coro=<run() done, defined at /x.py:1> exception=InvalidQuery(...)>")


def test_of_what_slack_answered_its_code_and_the_faulty_block_stay():
    printed = (
        "The request to the Slack API failed. (url: https://slack.com/api/chat.update, status: 200)\n"
        "The server responded with: {'ok': False, 'error': 'invalid_blocks', 'text': 'what the person said', "
        "'response_metadata': {'messages': ['[ERROR] must be more than 0 characters [json-pointer:/blocks/0]']}}"
    )
    assert PLAIN.redact(printed).splitlines()[1] == (
        "The server responded with: invalid_blocks, [ERROR] must be more than 0 characters [json-pointer:/blocks/0]"
    )


def test_a_long_text_is_cut_between_words_so_that_no_half_of_a_secret_is_left():
    token = "xoxb-" + "1" * 400
    for shift in range(0, 400, 50):
        text = "a " * ((LONGEST_TEXT - 5_000 - shift) // 2) + token + " b" * 20_000
        redacted = PLAIN.redact(text)
        assert "1111" not in redacted
        assert len(redacted) <= LONGEST_TEXT + 20


def test_what_a_service_answered_is_cut_once_its_secrets_are_hidden():
    page = "x" * (LONGEST_ERROR - 15) + " for secret-value-of-ours" + " words" * 200  # cut first, half of it would stay
    told = Redactor(Secrets(["secret-value-of-ours"])).redact_all({"error": page, "step": page})
    assert isinstance(told, dict)
    assert "secret" not in told["error"]
    assert told["error"].endswith(" [...]")
    assert len(told["error"]) < LONGEST_ERROR + 10
    assert told["step"].endswith(" words")


def test_lines_with_more_numbers_than_there_is_time_to_search_are_left_out():
    redacted = PLAIN.redact("010-1234-5678\n" * 1_000 + "and the error")
    assert redacted.startswith("[phone]\n[phone]\n")
    assert "1234" not in redacted
    assert redacted.endswith("[left out]\nand the error")


def test_a_text_without_any_end_of_a_word_is_left_out():
    assert PLAIN.redact(base64.b64encode(b"x" * 30_000).decode()) == " [...] "


def test_our_own_secrets_alone_are_hidden_from_what_people_read():
    redactor = Redactor(Secrets(["correct-horse"]))
    told = redactor.hide_own(
        {"text": "kim@corp.example said correct-horse", "n": 1, "blocks": [{"text": "correct-horse"}]}
    )
    assert told == {"text": "kim@corp.example said [redacted]", "n": 1, "blocks": [{"text": "[redacted]"}]}
