"""An AsyncApp that remembers what is registered on it: the app's manifest asks Slack for exactly that."""

from typing import Any, cast

from slack_bolt.async_app import AsyncApp


class RecordingApp(AsyncApp):
    """What cannot be told Slack by name (a pattern of events) is refused where it is registered."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.events: set[str] = set()
        """Types as listeners name them: `message` is four of Slack's subscriptions."""
        self.commands: set[str] = set()
        self.shortcuts: set[str] = set()
        """Callback ids."""
        self.has_interactions = False
        """Whether anything is pressed, chosen or submitted."""

    def event(self, event: Any, *args: Any, **kwargs: Any) -> Any:
        self.events.add(_name(event, "type"))
        return super().event(event, *args, **kwargs)

    def command(self, command: Any, *args: Any, **kwargs: Any) -> Any:
        self.commands.add(_name(command, "command"))
        return super().command(command, *args, **kwargs)

    def shortcut(self, constraints: Any, *args: Any, **kwargs: Any) -> Any:
        self.shortcuts.add(_name(constraints, "callback_id"))
        return super().shortcut(constraints, *args, **kwargs)

    def message_shortcut(self, callback_id: Any, *args: Any, **kwargs: Any) -> Any:
        self.shortcuts.add(_name(callback_id, "callback_id"))
        return super().message_shortcut(callback_id, *args, **kwargs)

    def global_shortcut(self, callback_id: Any, *args: Any, **kwargs: Any) -> Any:
        self.shortcuts.add(_name(callback_id, "callback_id"))
        return super().global_shortcut(callback_id, *args, **kwargs)

    def action(self, *args: Any, **kwargs: Any) -> Any:
        self.has_interactions = True
        return super().action(*args, **kwargs)

    def view(self, *args: Any, **kwargs: Any) -> Any:
        self.has_interactions = True
        return super().view(*args, **kwargs)

    def options(self, *args: Any, **kwargs: Any) -> Any:
        self.has_interactions = True
        return super().options(*args, **kwargs)


def _name(constraint: Any, key: str) -> str:
    """Of a plain name, or of a mapping that has it under *key*."""
    name: object = cast("dict[str, object]", constraint).get(key) if isinstance(constraint, dict) else constraint
    if not isinstance(name, str):
        raise TypeError(f"the manifest names what is listened to, so {constraint!r} cannot be")
    return name
