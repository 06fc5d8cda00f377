"""Who is in a room of the local workspace: guests, another company's people, user groups, newcomers."""

import pytest
from slack_sdk.errors import SlackApiError

from bot.local.slack.workspace import Workspace
from tests.local.slack_bench import web_client

DOCUMENTED = {
    "id",
    "team_id",
    "is_usergroup",
    "name",
    "description",
    "handle",
    "is_external",
    "date_create",
    "date_update",
    "date_delete",
    "auto_type",
    "created_by",
    "updated_by",
    "deleted_by",
    "prefs",
}
"""The fields of a user group in Slack's own example of usergroups.list; `users` and `user_count` come on request."""


async def test_user_groups_are_listed_as_slack_documents_them() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        plain = (await client.usergroups_list())["usergroups"]
        full = (await client.usergroups_list(include_users=True, include_disabled=True))["usergroups"]
        users = (await client.usergroups_users_list(usergroup="S0SALES"))["users"]
        with pytest.raises(SlackApiError, match="no_such_subteam"):
            await client.usergroups_users_list(usergroup="S0NONE")
    assert [group["id"] for group in plain] == ["S0SALES", "S0DATA"]
    assert all(set(group) >= DOCUMENTED and "users" not in group for group in plain)
    assert {group["handle"]: group["users"] for group in full}["sales-team"] == users == ["U0ANA", "U0AOI"]
    assert [group["id"] for group in full if group["date_delete"]] == ["S0OLD"]


async def test_a_guest_and_a_partner_are_told_from_colleagues() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        guest = (await client.users_info(user="U0GIL"))["user"]
        partner = (await client.users_info(user="U0PIA"))["user"]
        shared = (await client.conversations_info(channel="C0PARTNERS"))["channel"]
        own = (await client.conversations_info(channel="C0AGENCY"))["channel"]
    assert (guest["is_restricted"], guest["team_id"]) == (True, "T0LOCAL")
    assert (partner["is_restricted"], partner["team_id"]) == (False, "T0PARTNER")
    assert shared["is_ext_shared"] is shared["is_shared"] is True
    assert own["is_ext_shared"] is own["is_shared"] is False


async def test_events_of_a_shared_channel_say_so_and_newcomers_are_announced() -> None:
    async with Workspace().serving() as workspace, web_client(workspace) as client:
        await workspace.post("U0PIA", "C0PARTNERS", "hello")
        await workspace.post("U0ANA", "C0SALES", "hello")
        assert [e.payload["is_ext_shared_channel"] for e in workspace.envelopes] == [True, False]
        workspace.room.join("U0GIL", "C0SALES")
        message, event = (envelope.event for envelope in workspace.envelopes[-2:])
        members = (await client.conversations_members(channel="C0SALES"))["members"]
    assert (message["subtype"], message["user"]) == ("channel_join", "U0GIL")
    assert (event["type"], event["user"], event["channel"]) == ("member_joined_channel", "U0GIL", "C0SALES")
    assert "U0GIL" in members
