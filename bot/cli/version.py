"""`botctl version`: which Data Bolt this is, and which one runs on this VM."""

import argparse
import json
import platform
from datetime import datetime
from typing import Any

from bot.cli.deployed import Deployment, RunningUnit, deployment
from bot.cli.errors import CommandError
from bot.version import Version, running_version


def version(options: argparse.Namespace) -> int:
    if options.deployed:
        found = deployment()
        if not found.links and not found.units:
            raise CommandError("Nothing is installed on this machine: there is no /opt/slack-bot/current.")
        print(json.dumps(deployment_json(found)) if options.json else deployment_text(found))
        return 0
    this = running_version()
    told = version_json(this) | {"python": platform.python_version()}
    print(json.dumps(told) if options.json else f"Data Bolt {_line(this)}\nPython {told['python']}")
    return 0


def deployment_text(found: Deployment) -> str:
    names = [*found.links, *(unit.name for unit in found.units)]
    width = max(len(name) for name in names)
    lines = [f"{name:<{width}}  {_line(there)}" for name, there in found.links.items()]
    lines += [f"{unit.name:<{width}}  {_unit_text(unit)}" for unit in found.units]
    if not found.units:
        lines.append("No unit runs.")
    return "\n".join(lines)


def _unit_text(unit: RunningUnit) -> str:
    told = [unit.state]
    if unit.since is not None:
        told.append(f"since {unit.since:%Y-%m-%d %H:%M:%S} UTC")
    if unit.pid is not None:
        told.append(f"process {unit.pid}")
        told.append(f"runs {unit.release}" if unit.release else "its release is seen with sudo only")
    if unit.is_outdated:
        told.append(f"not what is on disk: systemctl restart {unit.name}")
    return ", ".join(told)


def _line(there: Version) -> str:
    built = f", built {there.built}" if there.built else ""
    return f"{there}{built}, {there.folder}"


def version_json(there: Version) -> dict[str, Any]:
    return {
        "version": there.number,
        "commit": there.commit,
        "built": there.built,
        "folder": str(there.folder),
    }


def deployment_json(found: Deployment) -> dict[str, Any]:
    return {
        "links": {name: version_json(there) for name, there in found.links.items()},
        "units": [
            {
                "unit": unit.name,
                "state": unit.state,
                "pid": unit.pid,
                "since": _iso(unit.since),
                "release": unit.release,
                "restart_needed": unit.is_outdated,
            }
            for unit in found.units
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
