import re
from pathlib import Path

from bot.cli.failure_meanings import ENDINGS, FAMILIES, MEANINGS, OTHERS
from bot.cli.manifest import current_manifest
from bot.cli.slack_guide import with_tables
from bot.i18n.catalogue import SENTENCES

GUIDE = (Path(__file__).parents[4] / "bot" / "README.md").read_text()


async def test_the_guides_tables_are_made_from_the_manifest_and_the_catalogue():
    manifest = await current_manifest()
    made = with_tables(GUIDE, manifest["oauth_config"]["scopes"]["bot"])
    assert made == GUIDE, "run: python -m bot.cli.slack_guide"
    assert all(f"| `{code}` |" in GUIDE for code in MEANINGS)


def test_every_failure_says_what_to_do_about_it():
    named = {code for code in SENTENCES["en"] if code.startswith(FAMILIES) or code.endswith(ENDINGS)}
    failures = {code for code in named if not code.startswith(OTHERS)}
    assert failures <= MEANINGS.keys(), "say in bot/cli/failure_meanings.py what it means and what to do"
    assert MEANINGS.keys() <= SENTENCES["en"].keys()


def test_the_guide_shows_pictures_that_exist():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", GUIDE)
    assert pictures
    assert [name for name in pictures if not (Path(__file__).parents[4] / "bot" / name).is_file()] == []
