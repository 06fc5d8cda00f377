"""policy.yaml: who may read which datasets, tables and columns. deploy/policy.example.yaml explains every key."""

from collections.abc import Generator
from pathlib import Path
from typing import Final, TypeVar

import yaml
from pydantic import ValidationError

from agent.policy.grants import UNLISTED, AccessPolicy, Grant, Opening, Selector, Tag, Treatment
from agent.policy.patterns import ColumnPattern, TablePattern, UnreadablePattern
from agent.policy.policy_parts import GrantPart, PolicyPart, TagPart
from agent.policy.yaml_lines import line_of

_TREATMENTS: Final = {"show": Treatment.SHOW, "mask": Treatment.MASK, "refuse": Treatment.REFUSE}
_FOR: Final = frozenset({"everyone", "dm", "channels"})
_AT: Final = frozenset({"dm", "channels"})
MAX_POLICY_BYTES: Final = 1 << 20

PatternT = TypeVar("PatternT", TablePattern, ColumnPattern)


class UnreadablePolicy(ValueError):
    """One sentence: the file, the place in it, the line where it is known, and what is wrong."""


def load_policy(path: Path, default_project: str) -> AccessPolicy:
    """Blocking. Raises UnreadablePolicy."""
    return read_policy(text_of(path), default_project, name=str(path))


def text_of(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadablePolicy(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_POLICY_BYTES:
        raise UnreadablePolicy(f"{path} is larger than {MAX_POLICY_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise UnreadablePolicy(f"{path} is not UTF-8") from None


def read_policy(text: str, default_project: str, *, name: str = "policy.yaml") -> AccessPolicy:
    """The policy that *text* states; *default_project* is that of names without one. Raises UnreadablePolicy."""
    return _Reader(text, name, default_project).policy(read_parts(text, name=name))


def read_parts(text: str, *, name: str = "policy.yaml") -> PolicyPart:
    """The file's own structure, names unread. Raises UnreadablePolicy."""
    try:
        plain = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadablePolicy(f"{name}{line}: {error.problem or 'this is not YAML'}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadablePolicy(f"{name} is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(plain, dict):
        raise UnreadablePolicy(f"{name} holds no policy: it starts with `version: 1`")
    try:
        return PolicyPart.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        raise _unreadable(text, name, tuple(first["loc"]), first["msg"].removeprefix("Value error, ")) from None


def _unreadable(text: str, name: str, place: tuple[int | str, ...], what: str) -> UnreadablePolicy:
    line = line_of(text, place)
    where = f", line {line}" if line else ""
    dotted = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).lstrip(".")
    return UnreadablePolicy(f"{name}{where}: {dotted}: {what[:1].lower()}{what[1:]}")


class _Reader:
    """The parts as values; an error names its place in the file."""

    def __init__(self, text: str, name: str, default_project: str) -> None:
        self._text = text
        self._name = name
        self._project = default_project

    def policy(self, parts: PolicyPart) -> AccessPolicy:
        tags = tuple(self._tag(name, tag) for name, tag in parts.tags.items())
        known = {UNLISTED, *parts.tags}
        grants = tuple(self._grant(number, part, known) for number, part in enumerate(parts.grants))
        return AccessPolicy(grants, tags, parts.largest_channel)

    def _tag(self, name: str, part: TagPart) -> Tag:
        place = ("tags", name)
        for pattern in part.policy_tags:
            if "*" in pattern[:-1]:
                raise self._wrong((*place, "policy_tags"), f"{pattern!r} may hold one *, at its end")
        return Tag(name, self._patterns(ColumnPattern, part.columns, (*place, "columns")), part.policy_tags)

    def _grant(self, number: int, part: GrantPart, known_tags: set[str]) -> Grant:
        place = ("grants", number)
        for tag in part.tags:
            if tag not in known_tags:
                raise self._wrong((*place, "tags", tag), f"there is no tag {tag!r} in this file")
        return Grant(
            to=tuple(self._selector(text, (*place, "to", at), _FOR) for at, text in enumerate(part.to)),
            opens=tuple(self._openings(part, place)),
            places=tuple(self._selector(text, (*place, "in", at), _AT) for at, text in enumerate(part.places)),
            leaves_out=self._patterns(TablePattern, part.except_, (*place, "except")),
            tags={tag: _TREATMENTS[word] for tag, word in part.tags.items()},
            routines=self._patterns(TablePattern, part.routines, (*place, "routines")),
            views=self._patterns(TablePattern, part.views, (*place, "views")),
            metadata=part.metadata,
            external=part.external,
        )

    def _openings(self, part: GrantPart, place: tuple[int | str, ...]) -> Generator[Opening]:
        for at, entry in enumerate(part.read):
            here = (*place, "read", at)
            if isinstance(entry, str):
                yield Opening(self._pattern(TablePattern, entry, here))
                continue
            columns = None if entry.columns is None else frozenset(name.lower() for name in entry.columns)
            hidden = frozenset(name.lower() for name in entry.except_columns)
            yield Opening(self._pattern(TablePattern, entry.table, (*here, "table")), columns, hidden)
        for at, view in enumerate(part.views):  # what a view shows may be read by whom it is granted to
            yield Opening(self._pattern(TablePattern, view, (*place, "views", at)))

    def _selector(self, text: str, place: tuple[int | str, ...], words: frozenset[str]) -> Selector:
        kind, colon, name = text.strip().partition(":")
        if not colon and kind in words:
            return Selector(kind)  # pyright: ignore[reportArgumentType]  # one of `words`
        name = name.strip().lstrip("@#")
        if colon and name and (kind == "channel" or (words is _FOR and kind in ("user", "group"))):
            return Selector(kind, name)  # pyright: ignore[reportArgumentType]  # just compared
        named = "channel:NAME" if words is _AT else "user:ID, group:HANDLE or channel:NAME"
        raise self._wrong(place, f"{text!r} is none of {', '.join(sorted(words))}, {named}")

    def _patterns(
        self, kind: type[PatternT], entries: tuple[str, ...], place: tuple[int | str, ...]
    ) -> tuple[PatternT, ...]:
        return tuple(self._pattern(kind, text, (*place, at)) for at, text in enumerate(entries))

    def _pattern(self, kind: type[PatternT], text: str, place: tuple[int | str, ...]) -> PatternT:
        try:
            return kind.parse(text, self._project)
        except UnreadablePattern as error:
            raise self._wrong(place, str(error)) from None

    def _wrong(self, place: tuple[int | str, ...], what: str) -> UnreadablePolicy:
        return _unreadable(self._text, self._name, place, what)
