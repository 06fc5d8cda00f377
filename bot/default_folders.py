"""Where files go that no setting names a place for."""

import os
from collections.abc import Mapping
from pathlib import Path


def default_state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where state lives: systemd's StateDirectory, /var/lib for root, else the user's XDG state folder."""
    if under_systemd := environ.get("STATE_DIRECTORY"):
        return Path(under_systemd.split(":")[0])
    if os.geteuid() == 0:
        return Path("/var/lib/data-bolt")
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "data-bolt"


def default_cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where what can be made again lives: compiled modules, model weights."""
    if under_systemd := environ.get("CACHE_DIRECTORY"):
        return Path(under_systemd.split(":")[0])
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "data-bolt"
