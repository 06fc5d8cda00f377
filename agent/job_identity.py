"""The name and the labels of a job: both are derived, so that every attempt at one query meets the same job."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from agent.query_values import QueryRequest

_JOB_ID_HEX: Final = 32
_LABEL_HEX: Final = 16
# BigQuery: lower-case letters, digits, - and _, at most 63 characters.
_LABEL_LENGTH: Final = 63
_NOT_IN_LABELS: Final = re.compile(r"[^a-z0-9_-]+")


def job_id(turn_id: str, fingerprint: str, generation: int) -> str:
    """`databolt_` and 32 hex characters. *generation* rises when BigQuery gave a job up, for its id is spent."""
    return f"databolt_{_hash(f'{turn_id}|{fingerprint}|{generation}', _JOB_ID_HEX)}"


def job_labels(request: QueryRequest, fingerprint: str) -> Mapping[str, str]:
    """For the bill's break-down. People are hashed: labels show up in exports that more people read."""
    return {
        "app": "databolt",
        "team": _label(request.actor.team),
        "channel": _label(request.audience.channel),
        "user": _hash(f"{request.actor.team}|{request.actor.user}", _LABEL_HEX),
        "turn": _hash(request.turn_id, _LABEL_HEX),
        "fingerprint": fingerprint[:_LABEL_HEX],
    }


def _label(value: str) -> str:
    return _NOT_IN_LABELS.sub("_", value.lower())[:_LABEL_LENGTH]


def _hash(value: str, length: int) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:length]
