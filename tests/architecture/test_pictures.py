"""The READMEs' pictures are those that `make screenshots` takes: none by hand, none missing, none forgotten."""

import re
from pathlib import Path

from tests.screenshots.stories import pictures

ROOT = Path(__file__).parents[2]
READMES = ("README.md", *(f"{folder}/README.md" for folder in ("agent", "bot", "deploy", "systemd", "tests")))
SHOWN = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
"""With words for who cannot see it."""
ALL_BYTES = 3_000_000


def shown() -> set[Path]:
    return {
        (ROOT / readme).parent / picture
        for readme in READMES
        for picture in SHOWN.findall((ROOT / readme).read_text(encoding="utf-8"))
    }


def test_each_picture_of_the_readmes_has_a_story_and_each_story_s_picture_is_shown():
    assert shown() == pictures()


def test_each_picture_lies_where_it_is_shown_and_together_they_are_light():
    assert [path for path in shown() if not path.is_file()] == []
    kept = {path for folder in ("agent", "bot", "deploy", "tests") for path in (ROOT / folder).rglob("*.png")}
    assert kept == pictures()
    assert sum(path.stat().st_size for path in kept) < ALL_BYTES
