"""policy.yaml: what it says when it is right, and the one sentence when it is not."""

import asyncio
import os
from pathlib import Path

import pytest
import structlog

from agent.policy.grants import Treatment
from agent.policy.patterns import TablePattern
from agent.policy.policy_file import UnreadablePolicy, load_policy, read_policy
from agent.policy.policy_source import PolicyFile
from agent.policy.version import CurrentVersion, policy_version

EXAMPLE = Path(__file__).parents[4] / "deploy" / "policy.example.yaml"
ONE = "version: 1\ngrants:\n  - {to: everyone, read: shop}\n"
TWO = "version: 1\ngrants:\n  - {to: everyone, read: [shop, web]}\n"


def test_the_example_is_a_policy() -> None:
    policy = load_policy(EXAMPLE, "p")
    assert policy.datasets == ("p.crm", "p.finance", "p.reporting", "p.shop", "p.web")
    (everyone, *_, supplier) = policy.grants
    assert everyone.tags == {"personal": Treatment.MASK}
    assert everyone.leaves_out == (TablePattern("p", "shop", "supplier_contracts"),)
    assert supplier.external


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "policy.yaml holds no policy: it starts with `version: 1`"),
        ("- a", "policy.yaml holds no policy: it starts with `version: 1`"),
        ("version: 1\ngrants: [", "policy.yaml, line 2: expected the node content, but found '<stream end>'"),
        ("version: 2", "policy.yaml, line 1: version: input should be 1"),
        ("grants: []", "policy.yaml, line 1: version: field required"),
        ("version: 1\ngrant: []", "policy.yaml, line 2: grant: extra inputs are not permitted"),
        (
            "version: 1\ngrants:\n  - to: everyone\n    reed: shop",
            "policy.yaml, line 4: grants[0].reed: extra inputs are not permitted",
        ),
        ("version: 1\ngrants:\n  - read: shop", "policy.yaml, line 3: grants[0].to: field required"),
        (
            "version: 1\ngrants:\n  - to: everybody\n    read: shop",
            "policy.yaml, line 3: grants[0].to[0]: 'everybody' is none of channels, dm, everyone, "
            "user:ID, group:HANDLE or channel:NAME",
        ),
        (
            "version: 1\ngrants:\n  - {to: everyone, read: shop}\n  - to: everyone\n    read:\n      - web"
            "\n      - s*p.x",
            "policy.yaml, line 7: grants[1].read[1]: 's*p.x' may hold one *, at the end of the table's name",
        ),
        (
            "version: 1\ngrants:\n  - to: everyone\n    in: user:U1",
            "policy.yaml, line 4: grants[0].in[0]: 'user:U1' is none of channels, dm, channel:NAME",
        ),
        (
            "version: 1\ngrants:\n  - to: everyone\n    tags: {personal: show}",
            "policy.yaml, line 4: grants[0].tags.personal: there is no tag 'personal' in this file",
        ),
        (
            "version: 1\ntags:\n  personal: {columns: shop.users.email}",
            "policy.yaml, line 3: tags.personal.columns[0]: 'shop.users.email' is not COLUMN: write TABLE:COLUMN, "
            "or TABLE:COLUMN.FIELD",
        ),
        ("version: 1\na: &a [*a, *a]", "policy.yaml, line 2: a: extra inputs are not permitted"),
        ("!!python/object/apply:os.system ['true']", None),
    ],
)
def test_a_file_that_is_wrong_is_one_sentence_with_its_place(text: str, sentence: str | None) -> None:
    with pytest.raises(UnreadablePolicy) as caught:
        read_policy(text, "p")
    assert "\n" not in str(caught.value)
    if sentence is not None:
        assert str(caught.value) == sentence


def test_one_entry_stands_for_a_list_of_one() -> None:
    assert read_policy(ONE, "p").datasets == ("p.shop",)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "policy.yaml"
    with pytest.raises(UnreadablePolicy, match=f"{missing} cannot be read: No such file"):
        load_policy(missing, "p")
    missing.write_bytes(b"\xff")
    with pytest.raises(UnreadablePolicy, match="is not UTF-8"):
        load_policy(missing, "p")


async def test_a_changed_file_is_read_again_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(ONE)
    source = await asyncio.to_thread(PolicyFile, path, "p")
    assert (await source.current()).datasets == ("p.shop",)
    with structlog.testing.capture_logs() as logs:
        path.write_text("version: 1\ngrants: {")
        assert (await source.current()).datasets == ("p.shop",)
        assert (await source.current()).datasets == ("p.shop",)
        path.unlink()
        assert (await source.current()).datasets == ("p.shop",)
        other = tmp_path / "new.yaml"
        other.write_text(TWO)
        os.replace(other, path)
        assert (await source.current()).datasets == ("p.shop", "p.web")
    assert [entry["event"] for entry in logs] == ["policy.kept_old", "policy.kept_old", "policy.loaded"]


async def test_what_is_written_down_names_the_policy_that_decided_it_also_after_a_reload(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(ONE)
    source = await asyncio.to_thread(PolicyFile, path, "p")
    version = CurrentVersion({"max_bytes_billed": 5}, source)
    first = version()
    assert first == policy_version({"max_bytes_billed": 5}, read_policy(ONE, "p"))
    path.write_text(TWO)
    assert version() == first  # nobody has looked at the file: decisions are still made by the old one
    second = await source.current()
    assert version() == policy_version({"max_bytes_billed": 5}, second)
    assert version() != first


def test_there_is_no_start_without_a_policy(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePolicy):
        PolicyFile(tmp_path / "policy.yaml", "p")
