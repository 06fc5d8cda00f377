"""Where lines go and what they look like there."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.logging import configure_logging, log_what_nobody_caught
from bot.logging.configure import LineHandler

OWN = "hunter-of-the-marsh"


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(capture=False)
    root.handlers, _ = handlers, root.setLevel(level)
    configure_logging("warning", io.StringIO())  # the process forgets the secrets that this test taught it
    root.handlers = handlers
    structlog.reset_defaults()


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("info", stream, secrets=[OWN])
    return stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_outside_a_terminal_every_line_is_one_json_object(out: io.StringIO):
    structlog.get_logger("bot").info("turn.done", action="chat_reply", token="xoxb-123456789012")
    logging.getLogger("elsewhere").warning("a library says %s", "xapp-1-A111-222-abcdef")
    structlog.get_logger("bot").debug("turn.detail")
    first, second = lines(out)
    assert (first["event"], first["logger"], first["level"]) == ("turn.done", "bot", "info")
    assert first["token"] == "[redacted]"
    assert second["event"] == "a library says [redacted]"


def test_an_exception_is_logged_without_its_secrets_and_without_local_variables(out: io.StringIO):
    try:
        words = " ".join(("what", "they", "said"))  # noqa: F841  # a local variable
        raise RuntimeError(f"refused xoxb-123456789012 and {OWN}")
    except RuntimeError:
        structlog.get_logger("bot").exception("slack.refused")
    (line,) = lines(out)
    assert line["exception"].endswith("RuntimeError: refused [redacted] and [redacted]")
    assert "what they said" not in line["exception"]


def test_on_a_terminal_a_traceback_is_redacted_too():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    configure_logging("info", out, secrets=[OWN])
    try:
        raise RuntimeError(f"refused {OWN}")
    except RuntimeError:
        structlog.get_logger("bot").exception("slack.refused", key=f"Bearer {OWN}")
    assert "RuntimeError" in out.getvalue()
    assert OWN not in out.getvalue()


def test_values_of_any_type_are_looked_at(out: io.StringIO):
    class Told:
        def __str__(self) -> str:
            return f"told {OWN}"

    structlog.get_logger("bot").info(
        "x", one=Told(), two=ValueError(OWN), three={"a": [{"b": OWN}], OWN: 1}, four=(OWN,)
    )
    assert OWN not in out.getvalue()
    assert lines(out)[0]["three"] == {"a": [{"b": "[redacted]"}], "[redacted]": 1}


def test_bound_fields_stand_in_what_libraries_log_as_well(out: io.StringIO):
    with structlog.contextvars.bound_contextvars(item="message:1"):
        logging.getLogger("elsewhere").warning("hm")
    assert lines(out)[0]["item"] == "message:1"


def test_a_variable_of_the_environment_that_is_named_like_a_secret_is_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIbPxRfiCY")
    out = io.StringIO()
    configure_logging("info", out)
    structlog.get_logger("bot").info("x", error="signed with wJalrXUtnFEMIbPxRfiCY")
    assert lines(out)[0]["error"] == "signed with [redacted]"


def test_a_line_that_cannot_be_made_names_its_logger_and_nothing_of_it(out: io.StringIO):
    (handler,) = (handler for handler in logging.getLogger().handlers if isinstance(handler, LineHandler))
    handler.handle(logging.LogRecord("elsewhere", logging.WARNING, "x.py", 1, f"%d of {OWN}", ("no number",), None))
    assert out.getvalue() == "log.line_failed logger=elsewhere\n"


def test_what_nobody_caught_is_logged_redacted(out: io.StringIO, capsys: pytest.CaptureFixture[str]):
    log_what_nobody_caught()

    def fail() -> None:
        raise RuntimeError(f"in a thread: {OWN}")

    thread = threading.Thread(target=fail, name="reader")
    thread.start()
    thread.join()
    try:
        raise RuntimeError(f"in main: {OWN}")
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)  # pytest has put its own recorder in place of what we capture
        logging.captureWarnings(capture=True)
        warnings.warn(f"old: {OWN}", stacklevel=1)
    assert [line["event"] for line in lines(out)][:2] == ["thread.crashed", "daemon.crashed"]
    assert "UserWarning: old: [redacted]" in lines(out)[2]["event"]
    assert OWN not in out.getvalue()
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
