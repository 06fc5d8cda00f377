"""A fresh root folder of a distribution, made by debootstrap once and kept; and how it reaches packages."""

import os
import subprocess
from pathlib import Path
from typing import Final

from tests.systemd.machine import Machine

KEPT: Final = Path("/var/cache/data-bolt-test")
SCRIPTS: Final = {
    "bookworm": "bookworm",
    "noble": "jammy",
}
"""Debian's debootstrap knows Ubuntu's releases up to its own day; the script of an older one makes the newer."""
PACKAGES: Final = "systemd-sysv,dbus,ca-certificates"
"""What every cloud image has, and no Python: the install brings it."""
PIP_SETTINGS: Final = ("index-url", "trusted-host", "timeout", "proxy")
CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
PROXIES: Final = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def fresh_root(suite: str) -> Path:
    """A root of *suite*, unchanged since debootstrap made it."""
    folder = KEPT / f"{suite}-{PACKAGES.count(',')}"
    if not folder.exists():
        script = SCRIPTS[suite]
        draft = folder.with_suffix(".draft")
        subprocess.run(["rm", "-rf", str(draft)], check=True)
        KEPT.mkdir(parents=True, exist_ok=True)
        unsigned = ["--no-check-gpg"] if script != suite else []  # Ubuntu's keys are no part of Debian
        make = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", *unsigned, suite, str(draft)]
        subprocess.run([*make, "", script], check=True, stdout=subprocess.DEVNULL)
        sources = draft / "etc/apt/sources.list"
        if script != suite:  # as Ubuntu's images have it
            sources.write_text(sources.read_text().replace(" main", " main universe"))
        draft.rename(folder)
    return folder


def connect(machine: Machine) -> None:
    """Names are resolved there as here, and the same authorities are trusted."""
    machine.write("/etc/resolv.conf", Path("/etc/resolv.conf").read_text())
    if CERTIFICATES.exists():
        machine.write(str(CERTIFICATES), CERTIFICATES.read_text())


def package_environment() -> list[str]:
    """NAME=VALUE: how this machine's pip reaches an index, for `env` in the other."""
    found = {name: os.environ[name] for name in PROXIES if name in os.environ}
    for setting in PIP_SETTINGS:
        asked = subprocess.run(
            ["python3", "-m", "pip", "config", "get", f"global.{setting}"], capture_output=True, text=True, check=False
        )
        value = os.environ.get(name := f"PIP_{setting.replace('-', '_').upper()}") or asked.stdout.strip()
        if value:
            found[name] = value
    if CERTIFICATES.exists():
        found["PIP_CERT"] = str(CERTIFICATES)
    return [f"{name}={value}" for name, value in found.items()]
