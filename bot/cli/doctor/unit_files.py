"""The units as they are installed on this machine, drop-ins included, and as the release has them."""

from collections.abc import Generator
from pathlib import Path
from typing import Final

from bot.cli.doctor.machine import Machine

SERVICE: Final = "slack-bot.service"
_METADATA_SERVICE: Final = "169.254.169.254"
_WIDER: Final = ("any", "link-local")
"""Names of systemd's for addresses that the metadata service's is among."""


def installed_unit(machine: Machine, name: str) -> Path | None:
    """The file that systemd reads: an administrator's goes before a package's. Blocking."""
    return next((folder / name for folder in machine.unit_folders if (folder / name).is_file()), None)


def is_service(machine: Machine) -> bool:
    """Whether the daemon is installed as a service of this machine. Blocking."""
    return installed_unit(machine, SERVICE) is not None


def denies_metadata_service(machine: Machine) -> bool:
    """Whether the service's unit keeps the machine's metadata service from the daemon. Blocking."""
    denied, allowed = _addresses(machine, "IPAddressDeny"), _addresses(machine, "IPAddressAllow")
    return any(name in denied for name in (*_WIDER, _METADATA_SERVICE)) and not any(
        name in allowed for name in (*_WIDER, _METADATA_SERVICE)
    )


def health_port(machine: Machine) -> int | None:
    """As the unit sets it; None where it does not. Blocking."""
    for line in reversed(list(_lines(machine))):
        for word in line.removeprefix("Environment=").split() if line.startswith("Environment=") else ():
            name, _, value = word.strip('"').partition("=")
            if name == "HEALTH_PORT" and value.isdigit():
                return int(value)
    return None


def _addresses(machine: Machine, directive: str) -> set[str]:
    lines = [line for line in _lines(machine) if line.startswith(f"{directive}=")]
    return {word.removesuffix("/32") for line in lines for word in line.partition("=")[2].split()}


def _lines(machine: Machine) -> Generator[str]:
    unit = installed_unit(machine, SERVICE)
    if unit is None:
        return
    drop_ins = [path for folder in machine.unit_folders for path in sorted((folder / f"{SERVICE}.d").glob("*.conf"))]
    for path in (unit, *drop_ins):
        yield from (line.strip() for line in path.read_text(errors="replace").splitlines())
