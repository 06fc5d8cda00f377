"""The Bolt app with nothing behind it: what the daemon would register, without a token, a database or a network."""

from inspect import signature
from typing import Any, Final, NoReturn

from bot.slack.app import build_app
from bot.slack.client import open_client
from bot.slack.identity import Identity
from bot.slack.recording_app import RecordingApp

_NOBODY: Final = Identity(team="", bot_user="", bot="")


class _Unplugged:
    """Stands where a listener's collaborators will be. They are kept for later; registering asks nothing of them."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> NoReturn:
        raise RuntimeError(f"registering the listeners used {self._name}.{attribute}: the manifest cannot depend on it")


async def build_dry_app() -> RecordingApp:
    """RuntimeError when what is registered depends on what is only known in a running daemon."""
    # By name, whatever they are: a listener that joins with a collaborator of its own is in the manifest at once.
    collaborators: dict[str, Any] = {name: _Unplugged(name) for name in signature(build_app).parameters}
    async with open_client("", base_url="https://slack.com/api/") as client:
        collaborators |= {"client": client, "me": _NOBODY}
        return build_app(**collaborators)
