"""Past runs of the suites: one JSON file each, under STATE_DIR/evals."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_FOLDER = "evals"
_UNSPEAKABLE = re.compile(r"[^A-Za-z0-9._-]+")


def save_run(state_dir: Path, run: dict[str, Any]) -> Path:
    """Keep *run* (with `suite`, `model` and `ended_at`); readable by the operator only, for it holds results' SQL."""
    folder = state_dir / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = folder / f"{run['suite']}-{_UNSPEAKABLE.sub('_', run['model'])}-{stamp}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(run, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def last_run(state_dir: Path, suite: str, model: str) -> dict[str, Any] | None:
    """The newest kept run of *suite* with *model*; a file that cannot be read is passed over."""
    for path in sorted((state_dir / _FOLDER).glob(f"{suite}-*.json"), key=_stamp, reverse=True):
        try:
            run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if (run.get("suite"), run.get("model")) == (suite, model):
            return run
    return None


def _stamp(path: Path) -> str:
    return path.stem.rpartition("-")[2]
