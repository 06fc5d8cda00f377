import io
import json
import logging

import pytest
import structlog

from bot.logging import configure_logging, redact


@pytest.fixture(autouse=True)
def _restore_logging():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, _ = handlers, root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123456789012-abc",
        "xapp-1-A111-222-abcdef",
        "sk-proj-abcdefghijkl",
        "ya29.a0AfB_byabcdef",
        "bolt:hunter22@",
    ],
)
def test_secrets_are_redacted(secret):
    text = redact(f"postgresql://{secret}host" if secret.endswith("@") else f"token {secret} refused")
    assert secret not in text
    assert "[redacted]" in text


def test_outside_a_terminal_every_line_is_one_json_object():
    out = io.StringIO()
    configure_logging("info", out)
    structlog.get_logger("bot").info("turn.done", action="chat_reply", token="xoxb-123456789012")
    logging.getLogger("elsewhere").warning("a library says %s", "xapp-1-A111-222-abcdef")
    structlog.get_logger("bot").debug("turn.detail")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["event"] == "turn.done"
    assert first["token"] == "[redacted]"
    assert second["event"] == "a library says [redacted]"


def test_an_exception_is_logged_without_its_secrets():
    out = io.StringIO()
    configure_logging("info", out)
    try:
        raise RuntimeError("refused xoxb-123456789012")
    except RuntimeError:
        structlog.get_logger("bot").exception("slack.refused")
    line = json.loads(out.getvalue())
    assert "RuntimeError" in line["exception"]
    assert "xoxb" not in line["exception"]
