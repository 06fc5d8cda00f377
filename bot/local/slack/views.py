"""Modals and Home tabs: what is open on whose screen, and which version of it."""

import secrets
from collections.abc import Callable

from bot.local.slack.blocks import check_view
from bot.local.slack.elements import name_blocks
from bot.local.slack.people import APP, BOT_ID, TEAM
from bot.local.slack.shapes import Json, SlackError, objects

MAX_STACKED = 3
"""Slack's: a modal can push two more."""


class Views:
    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._stacks: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        """The published Home of each person."""
        self._on_change = on_change

    def stack(self, user: str) -> list[Json]:
        """The modals on *user*'s screen; the last one is on top."""
        return self._stacks.get(user, [])

    def find(self, view_id: str) -> tuple[str, Json]:
        """Whose view it is, and the view. Raises not_found."""
        for user, stack in self._stacks.items():
            for view in stack:
                if view["id"] == view_id:
                    return user, view
        for user, view in self.homes.items():
            if view["id"] == view_id:
                return user, view
        raise SlackError("not_found")

    def find_external(self, external_id: str) -> tuple[str, Json]:
        """Raises not_found."""
        for user, stack in self._stacks.items():
            for view in stack:
                if external_id and view["external_id"] == external_id:
                    return user, view
        raise SlackError("not_found")

    def open(self, user: str, view: Json) -> Json:
        """Show *view* alone on *user*'s screen."""
        opened = self._new(view)
        self._stacks[user] = [opened]
        self._on_change(user)
        return opened

    def push(self, user: str, view: Json) -> Json:
        """Raises push_limit_reached."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= MAX_STACKED:
            raise SlackError("push_limit_reached")
        pushed = self._new(view)
        if stack:
            pushed |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(pushed)
        self._on_change(user)
        return pushed

    def update(self, view_id: str, view: Json, view_hash: str | None = None) -> Json:
        """Replace what a view shows. Raises not_found, hash_conflict when *view_hash* names an older version."""
        user, present = self.find(view_id)
        if view_hash and view_hash != present["hash"]:
            raise SlackError("hash_conflict")
        kept = ("id", "root_view_id", "previous_view_id", "external_id")
        updated = self._new(view) | {name: present[name] for name in kept}
        present.clear()
        present.update(updated)  # in place: a stack or a Home holds the object
        self._on_change(user)
        return present

    def publish(self, user: str, view: Json, view_hash: str | None = None) -> Json:
        """Set *user*'s Home. Raises hash_conflict."""
        present = self.homes.get(user)
        if present is not None and view_hash and view_hash != present["hash"]:
            raise SlackError("hash_conflict")
        self.homes[user] = self._new(view)
        self._on_change(user)
        return self.homes[user]

    def close(self, user: str) -> None:
        """Take the modal on top off *user*'s screen."""
        stack = self._stacks.get(user)
        if stack:
            stack.pop()
        self._on_change(user)

    def clear(self, user: str) -> None:
        self._stacks.pop(user, None)
        self._on_change(user)

    def _new(self, view: Json) -> Json:
        check_view(view)
        view_id = f"V{secrets.token_hex(5).upper()}"
        return {
            "id": view_id,
            "team_id": TEAM,
            "type": view["type"],
            "title": view.get("title"),
            "submit": view.get("submit"),
            "close": view.get("close"),
            "blocks": name_blocks(objects(view.get("blocks"))),
            "private_metadata": view.get("private_metadata", ""),
            "callback_id": view.get("callback_id", ""),
            "external_id": view.get("external_id", ""),
            "state": {"values": {}},
            "hash": f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}",
            "clear_on_close": bool(view.get("clear_on_close", False)),
            "notify_on_close": bool(view.get("notify_on_close", False)),
            "root_view_id": view_id,
            "previous_view_id": None,
            "app_id": APP,
            "app_installed_team_id": TEAM,
            "bot_id": BOT_ID,
        }
