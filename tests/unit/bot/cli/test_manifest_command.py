"""`botctl manifest`: what it prints, and how it ends."""

import asyncio
import json

import pytest

from bot.cli.main import main
from bot.cli.manifest import current_manifest


def test_it_prints_the_manifest_as_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest"]) == 0
    assert json.loads(capsys.readouterr().out) == asyncio.run(current_manifest())


def test_check_says_what_each_scope_is_for_and_what_no_manifest_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "--check"]) == 0
    said = capsys.readouterr().out
    assert "chat:write         to answer" in said
    assert "/data" in said
    assert "Delayed Events" in said
