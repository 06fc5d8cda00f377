"""A line of bash that sources the deploy scripts' parts."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

DEPLOY = Path(__file__).parents[3] / "deploy"


def bash(script: str, environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script, "test", *arguments],
        env={"PATH": os.environ["PATH"], "DEPLOY": str(DEPLOY), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
