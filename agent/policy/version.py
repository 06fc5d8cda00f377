"""The version of a policy: a short hash of everything it allows, so that the audit says by which one it was decided."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, Protocol

_LENGTH: Final = 12


class LatestPolicy(Protocol):
    @property
    def latest(self) -> object:
        """The policy as last looked at. Another object once it has been read anew."""
        ...


class CurrentVersion:
    """The version of what the settings fix together with the policy that holds now, which a reload changes."""

    def __init__(self, fixed: object, source: LatestPolicy) -> None:
        self._fixed = fixed
        self._source = source
        self._hashed = source.latest
        self._version = policy_version(fixed, self._hashed)

    def __call__(self) -> str:
        latest = self._source.latest
        if latest is not self._hashed:
            self._hashed, self._version = latest, policy_version(self._fixed, latest)
        return self._version


def policy_version(*parts: object) -> str:
    """The same for equal *parts* in every process."""
    text = "|".join(_stable(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _stable(value: Any) -> str:
    """Like repr, but for sets and mappings, whose order changes from process to process."""
    if is_dataclass(value) and not isinstance(value, type):
        inner = ",".join(f"{field.name}={_stable(getattr(value, field.name))}" for field in fields(value))
        return f"{type(value).__name__}({inner})"
    if isinstance(value, set | frozenset):
        return f"{{{','.join(sorted(map(_stable, value)))}}}"
    if isinstance(value, Mapping):
        return f"{{{','.join(sorted(f'{_stable(key)}:{_stable(item)}' for key, item in value.items()))}}}"
    if isinstance(value, tuple | list):
        return f"[{','.join(map(_stable, value))}]"
    return repr(value)
