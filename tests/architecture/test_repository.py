"""Rules of the repository that are easier to test than to remember."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    "agent",
    "bot",
    "deploy",
    "systemd",
    "tests",
    "pyproject.toml",
    "Makefile",
    ".env.example",
    "README.md",
    ".ci",
    ".gitignore",
    "LICENSE",
}
LONGEST_FILE = 350
"""Lines; past them ask what second concept moved in."""
# in two pieces, so that this file does not name them itself
REGISTRY_HOSTS = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs.org", "deb." + "debian.org"]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def production_files() -> list[Path]:
    return [path for folder in ("agent", "bot") for path in (ROOT / folder).rglob("*.py")]


def test_the_top_level_holds_what_the_owner_fixed():
    assert {name.split("/")[0] for name in tracked()} <= TOP_LEVEL


def test_every_top_level_folder_introduces_itself():
    for folder in ("agent", "bot", "deploy", "systemd", "tests"):
        assert (ROOT / folder / "README.md").read_text().startswith(f"# {folder}")


def test_no_file_grew_too_long():
    long = {
        str(p.relative_to(ROOT)): n for p in production_files() if (n := len(p.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_module_is_named_for_no_concept():
    vague = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [p for p in production_files() if p.name in vague] == []


def test_nothing_names_the_host_of_a_package_registry():
    naming = [name for name in tracked() if any(host.encode() in (ROOT / name).read_bytes() for host in REGISTRY_HOSTS)]
    assert naming == []


def test_the_readme_names_commands_that_exist():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, re.MULTILINE)) <= targets


@pytest.mark.parametrize("suite", ["demo"])
def test_gold_answers_are_in_no_prompt_and_no_code(suite: str):
    golden = json.loads((ROOT / f"agent/evals/{suite}.json").read_text())
    texts = [path.read_text() for path in [*production_files(), *(ROOT / "agent/prompts").glob("*.md")]]
    folded = [" ".join(text.split()) for text in texts]
    for question in golden:
        assert not any(" ".join(question["sql"].split()) in text for text in folded)
