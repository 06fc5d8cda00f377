"""Lengths of time for a line in a terminal."""

from datetime import timedelta


def age_text(age: timedelta) -> str:
    """`42s`, `3m 20s`, `5h 07m`, `12d 3h`."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m {seconds % 60:02}s"
    if seconds < 86_400:
        return f"{seconds // 3600}h {seconds % 3600 // 60:02}m"
    return f"{seconds // 86_400}d {seconds % 86_400 // 3600}h"
